import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindingOf, type Protocol, versionOf } from '../../../examples/conformance/protocols.ts';
import type { TestGateway } from '../../support/gateway.ts';
import { isTransparent } from '../cells.ts';
import { userMessage } from './entities.ts';
import { exchangeOf, pairRows } from './pairs.ts';
import { callerRequest } from './speech.ts';
import { type Json, type Spelled, spellingOf, wireText } from './spelling.ts';
import { ask, startWireStand } from './stand.ts';

/** What the gateway refuses or reports itself, between every caller and every agent. */

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startWireStand();
});
afterAll(() => gateway.close());

const send = exchangeOf('SendMessage');
const isRpc = (protocol: Protocol) => bindingOf(protocol) === 'JSONRPC';
const bridged = pairRows.filter(([, , pair]) => !isTransparent(pair));

describe('operations that one version has not', () => {
  const params: Spelled<{ readonly [name: string]: Json }> = { '1.0': {}, '0.3': {}, '0.3 proto': {} };
  const listing = exchangeOf('ListTasks');

  const upward = pairRows.filter(([, , { caller, agent }]) => versionOf(caller) > versionOf(agent));
  it.each(upward)('are unsupported for %s at %s', async (_, __, { caller, agent }) => {
    const answer = await ask(gateway, agent, callerRequest(caller, { ...listing, params }));
    const error = isRpc(caller) ? { code: -32004 } : { code: 400, status: 'FAILED_PRECONDITION' };
    const body = (await answer.json()) as { error: object };
    expect(body).toMatchObject({ error });
    expect(JSON.stringify(body)).toContain('"reason":"UNSUPPORTED_OPERATION","domain":"a2a-protocol.org"');
    expect(answer.status).toBe(isRpc(caller) ? 200 : 400);
  });

  const legacy = pairRows.filter(([, , { caller }]) => versionOf(caller) === '0.3');
  it.each(legacy)('are unknown to %s, whatever %s has', async (_, __, { caller, agent }) => {
    const exchange = { ...listing, params, method: { '1.0': 'ListTasks', '0.3': 'tasks/list' } };
    const answer = await ask(gateway, agent, callerRequest(caller, exchange));
    if (isRpc(caller)) expect(await answer.json()).toMatchObject({ error: { code: -32601 } });
    else expect(answer.status).toBe(404);
  });
});

describe('what cannot be read', () => {
  const unreadable: readonly (readonly [title: string, text: string, type?: string])[] = [
    ['no JSON', '<html>', 'text/html'],
    ['broken JSON', '{"jsonrpc":"2.0","id":1,"result":{"ta'],
    ['a list', '[]'],
    ['an empty body', ''],
  ];
  const cases = bridged.flatMap(([from, to, pair]) =>
    unreadable.map(
      ([title, text, type = 'application/json']) => [title, from, to, pair, text, type] as const,
    ),
  );

  it.each(cases)('%s is the fault of the agent: to %s from %s', async (_, __, ___, pair, text, type) => {
    gateway.agent.script((_request, response) => {
      response.writeHead(200, { 'content-type': type }).end(text);
    });
    const answer = await ask(gateway, pair.agent, callerRequest(pair.caller, send));
    const body = await answer.text();
    expect(body).toContain('"reason":"INVALID_AGENT_RESPONSE"');
    expect(body).not.toContain('<html>');
    expect(answer.status).toBe(isRpc(pair.caller) ? 200 : 500);
  });

  const oddParts: Spelled = {
    '1.0': { text: 'two', url: 'https://files.example/contents' },
    '0.3': { kind: 'odd' },
    '0.3 proto': { nothing: true },
  };
  // Between the bindings of one version a part is not looked at.
  const otherVersion = bridged.filter(([, , { caller, agent }]) => versionOf(caller) !== versionOf(agent));

  it.each(otherVersion)('is the fault of the caller of %s, and %s does not see it', async (_, __, pair) => {
    const before = gateway.agent.seen.length;
    const { caller, agent } = pair;
    const asked = callerRequest(caller, send);
    const message = { ...userMessage()[spellingOf(caller)] };
    const name = spellingOf(caller) === '0.3 proto' ? 'content' : 'parts';
    const sent = { message: { ...message, [name]: [oddParts[spellingOf(caller)] ?? null] } };
    const envelope = JSON.parse(asked.body ?? '') as object;
    const body = wireText(isRpc(caller) ? { ...envelope, params: sent } : sent);
    const answer = await ask(gateway, agent, { ...asked, body });
    const text = await answer.text();
    expect(text).toContain('"reason":"PARAMETER_INVALID"');
    if (isRpc(caller)) expect(JSON.parse(text)).toMatchObject({ id: 'q-1', error: { code: -32602 } });
    else expect(answer.status).toBe(400);
    expect(gateway.agent.seen).toHaveLength(before);
  });
});

describe('a busy agent', () => {
  it.each(pairRows)('is not there for now, to %s from %s', async (_, __, { caller, agent }) => {
    gateway.agent.script((_request, response) => {
      response.writeHead(503, { 'content-type': 'text/html', 'retry-after': '9' }).end('<html>');
    });
    const answer = await ask(gateway, agent, callerRequest(caller, send));
    expect(await answer.text()).toContain('"reason":"UPSTREAM_UNAVAILABLE"');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('9');
  });
});
