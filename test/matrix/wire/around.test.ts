import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindingOf, type Protocol, versionOf } from '../../../examples/conformance/protocols.ts';
import { cites } from '../../support/cites.ts';
import type { TestGateway } from '../../support/gateway.ts';
import type { Script, SeenRequest } from '../../support/scripted-agent.ts';
import { titleOf } from '../cells.ts';
import { pushConfig, task, wrapped } from './entities.ts';
import { exchangeOf, pairRows } from './pairs.ts';
import { agentScript, callerRequest, enveloped } from './speech.ts';
import { fromWire, type Json, wireText } from './spelling.ts';
import { ask, startWireStand, wireAgentId } from './stand.ts';

/** What is around calls and answers: headers, ids, tenants, media types, and where an agent is said to be. */

const tenant = 'tenant-of-the-agent';
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startWireStand({ tenant });
});
afterAll(() => gateway.close());

const [send, getTask, createPush] = [
  exchangeOf('SendMessage'),
  exchangeOf('GetTask'),
  exchangeOf('CreateTaskPushNotificationConfig'),
];
const stream = exchangeOf('SendStreamingMessage');
const isRpc = (protocol: Protocol) => bindingOf(protocol) === 'JSONRPC';
const extensionsHeader = { '1.0': 'a2a-extensions', '0.3': 'x-a2a-extensions' } as const;

function seen(): SeenRequest {
  const last = gateway.agent.seen.at(-1);
  if (last === undefined) throw new Error('the agent was not asked');
  return last;
}

/** The script, with headers that the agent answers with. */
function withHeaders(script: Script, headers: Readonly<Record<string, string>>): Script {
  return (request, response, incoming) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    script(request, response, incoming);
  };
}

describe('headers', () => {
  it.each(pairRows)('of a caller of %s, to an agent of %s', async (_, __, { caller, agent }) => {
    cites('A2A-3.2.6-extensions', 'A2A-3.6.1-header', 'A2A-7.3-identity-in-headers', titleOf(caller));
    gateway.agent.script(agentScript(agent, send));
    const asked = callerRequest(caller, send);
    const headers = {
      ...asked.headers,
      [extensionsHeader[versionOf(caller)]]: 'urn:example:a, urn:example:b',
      'accept-language': 'de',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      cookie: 'secret=1',
    };
    await ask(gateway, agent, { ...asked, headers });
    const { headers: got } = seen();
    expect(got['a2a-version']).toBe(versionOf(agent));
    expect(got[extensionsHeader[versionOf(agent)]]).toBe('urn:example:a, urn:example:b');
    expect(got[extensionsHeader[versionOf(agent) === '1.0' ? '0.3' : '1.0']]).toBeUndefined();
    expect(got['accept-language']).toBe('de');
    expect(got.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-/);
    expect(got.tracestate).toMatch(/^a2a-gateway=/);
    expect([got.authorization, got.cookie]).toEqual([undefined, undefined]);
    expect(got['content-type']).toBe('application/json');
  });

  it.each(pairRows)(
    'of an answer, to a caller of %s from an agent of %s',
    async (_, __, { caller, agent }) => {
      const headers = {
        [extensionsHeader[versionOf(agent)]]: 'urn:example:a',
        'retry-after': '7',
        'set-cookie': 'secret=1',
        'www-authenticate': 'Bearer realm="agent"',
        server: 'agent/1',
      };
      for (const exchange of [send, stream]) {
        gateway.agent.script(withHeaders(agentScript(agent, exchange), headers));
        const { headers: got } = await ask(gateway, agent, callerRequest(caller, exchange));
        expect(got.get(extensionsHeader[versionOf(caller)])).toBe('urn:example:a');
        expect(got.get(extensionsHeader[versionOf(caller) === '1.0' ? '0.3' : '1.0'])).toBeNull();
        expect(got.get('retry-after')).toBe('7');
        expect([got.get('set-cookie'), got.get('www-authenticate')]).toEqual([null, null]);
        expect(got.get('server')).not.toBe('agent/1');
      }
    },
  );
});

describe('ids of JSON-RPC', () => {
  const overRpc = pairRows.filter(([, , { caller }]) => isRpc(caller));
  const ids = ['0', '-7', '9007199254740993', '"a ü"', '""'];

  it.each(overRpc)('come back as they were spelled, to %s from %s', async (_, __, { caller, agent }) => {
    cites('A2A-9.1-id', titleOf(caller));
    for (const id of ids)
      for (const exchange of [getTask, stream]) {
        gateway.agent.script(agentScript(agent, exchange));
        const asked = callerRequest(caller, exchange);
        const body = asked.body?.replace('"id":"q-1"', `"id":${id}`) ?? '';
        const text = await (await ask(gateway, agent, { ...asked, body })).text();
        expect(text).toContain(`"id":${id},`);
      }
  });
});

describe("the tenant of an agent's interface", () => {
  const ofTenants = pairRows.filter(([, , { agent }]) => versionOf(agent) === '1.0');

  it.each(ofTenants)(
    'is told to the agent and not to the caller: %s, %s',
    async (_, __, { caller, agent }) => {
      cites('A2A-8.3.2-hidden-tenant', titleOf(caller));
      for (const exchange of [send, getTask, createPush, stream]) {
        gateway.agent.script(agentScript(agent, exchange));
        await (await ask(gateway, agent, callerRequest(caller, exchange))).text();
        const { target, body } = seen();
        const params = isRpc(agent) ? (fromWire(body) as { params: Json }).params : {};
        if (isRpc(agent)) expect(params).toMatchObject({ tenant });
        else expect(target).toMatch(new RegExp(`^/rest/${tenant}/`));
      }
      const config = { ...pushConfig(), '1.0': { ...pushConfig()['1.0'], tenant } };
      gateway.agent.script(agentScript(agent, { ...createPush, answer: config }));
      const answer = await ask(gateway, agent, callerRequest(caller, createPush));
      expect(answer.status).toBe(200);
      expect(await answer.text()).not.toContain(tenant);
    },
  );

  it.each(ofTenants)('is not for a caller to say: %s, %s', async (_, __, { caller, agent }) => {
    cites('A2A-8.3.2-no-foreign-tenant', titleOf(caller));
    const before = gateway.agent.seen.length;
    const asked = callerRequest(caller, send);
    const body = JSON.parse(asked.body ?? '{}') as Record<string, Record<string, unknown>>; // Made here, an object.
    const withTenant = isRpc(caller)
      ? { ...body, params: { ...body.params, tenant: 'another' } }
      : { ...body, tenant: 'another' };
    const answer = await ask(gateway, agent, { ...asked, body: JSON.stringify(withTenant) });
    expect(await answer.text()).toContain('MEMBER_REFUSED');
    expect(gateway.agent.seen).toHaveLength(before);
  });
});

describe('media types', () => {
  const overHttp = pairRows.filter(([, , { caller }]) => caller === 'http-json-1.0');
  it.each(overHttp)('are those the caller of %s sent, from %s', async (_, __, { caller, agent }) => {
    gateway.agent.script(withHeaders(agentScript(agent, send), {}));
    const asked = callerRequest(caller, send);
    for (const type of ['application/json', 'application/a2a+json']) {
      const headers = { ...asked.headers, 'content-type': type };
      const answer = await ask(gateway, agent, { ...asked, headers });
      // An agent of the same protocol says itself what it answers.
      const expected = agent === caller ? 'application/json' : type;
      expect(answer.headers.get('content-type')).toBe(expected);
    }
  });
});

describe('the extended card', () => {
  it.each(pairRows)("is in the caller's layout and names the gateway alone: %s, %s", async (_, __, pair) => {
    cites('A2A-13.3-rewritten', titleOf(pair.caller));
    const { caller, agent } = pair;
    const url = gateway.agent.url;
    const interfaces = [{ url: `${url}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0', tenant }];
    const common = {
      name: 'Extended',
      description: `Reached at ${url}/rpc.`,
      version: '2.0.0',
      capabilities: { streaming: true },
      defaultInputModes: ['text/plain'],
      defaultOutputModes: ['text/plain'],
      skills: [{ id: 'say', name: 'Say', description: 'Says.', tags: ['test'] }],
    };
    const legacy = { protocolVersion: '0.3.0', url: `${url}/rpc`, preferredTransport: 'JSONRPC', ...common };
    const cards = { '1.0': { supportedInterfaces: interfaces, ...common }, '0.3': legacy } as const;
    gateway.agent.script((request, response) => {
      const id = isRpc(agent) ? ((fromWire(request.body) as { id: Json }).id ?? null) : null;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(wireText(enveloped(agent, id, cards[versionOf(agent)])));
    });
    const text = await (await ask(gateway, agent, cardRequest(caller))).text();
    const body = JSON.parse(text) as { result?: Record<string, unknown> };
    const card = isRpc(caller) ? body.result : body;
    expect(card).toMatchObject({ name: 'Extended', version: '2.0.0', skills: common.skills });
    expect(card).toHaveProperty('supportedInterfaces');
    if (versionOf(caller) === '0.3')
      expect(card).toMatchObject({ protocolVersion: expect.stringMatching(/^0\.3/) });
    else expect(card).not.toHaveProperty('preferredTransport');
    expect(text).not.toContain(url);
    expect(text).not.toContain(tenant);
    expect(text).toContain(`/agents/${wireAgentId(agent)}`);
  });

  function cardRequest(caller: Protocol): ReturnType<typeof callerRequest> {
    return callerRequest(caller, {
      ...getTask,
      method: { '1.0': 'GetExtendedAgentCard', '0.3': 'agent/getAuthenticatedExtendedCard' },
      params: { '1.0': {}, '0.3': {}, '0.3 proto': {} },
      rest: {
        '1.0': { method: 'GET', target: '/extendedAgentCard' },
        '0.3': { method: 'GET', target: '/v1/card' },
      },
    });
  }
});

describe('no history', () => {
  const protoAgents = pairRows.filter(
    ([, , { caller, agent }]) => agent === 'http-json-0.3' && caller !== agent,
  );
  const none = { historyLength: '#0' };
  const [{ history: _, ...latest }, { history: __, ...legacy }] = [
    task('working')['1.0'],
    task('working')['0.3'],
  ];
  const wanted = { '1.0': latest, '0.3': legacy };

  it.each(protoAgents)('is what %s asks for and gets, though %s has no word for it', async (_, __, pair) => {
    const { caller, agent } = pair;
    const asking = {
      ...getTask,
      params: { ...getTask.params, '1.0': { id: 't-1', ...none }, '0.3': { id: 't-1', ...none } },
    };
    const target = '/tasks/t-1?historyLength=0';
    const rest = {
      '1.0': { method: 'GET', target },
      '0.3': { method: 'GET', target: `/v1${target}` },
    } as const;
    gateway.agent.script(agentScript(agent, { ...getTask, answer: task('working') }));
    const answer = await ask(gateway, agent, callerRequest(caller, { ...asking, rest }));
    const expected = enveloped(caller, 'q-1', wanted[versionOf(caller)]);
    expect(fromWire(await answer.text())).toEqual(expected);
  });
});

describe('a subscription by GET', () => {
  const overHttp = pairRows.filter(([, , { caller }]) => !isRpc(caller));
  it.each(overHttp)('of a caller of %s reaches %s', async (_, __, { caller, agent }) => {
    cites('A2A-3.1.6-get-and-post', titleOf(caller));
    const subscribe = exchangeOf('SubscribeToTask');
    const answer = [wrapped('task', task('completed'))];
    gateway.agent.script(agentScript(agent, { ...subscribe, answer }));
    const response = await ask(gateway, agent, { ...callerRequest(caller, subscribe), method: 'GET' });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(await response.text()).toContain('"t-1"');
  });
});
