import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindingOf, type Protocol, versionOf } from '../../../examples/conformance/protocols.ts';
import { cites } from '../../support/cites.ts';
import type { TestGateway } from '../../support/gateway.ts';
import { nextCall, type Script, type SeenRequest } from '../../support/scripted-agent.ts';
import { readStream } from '../../support/stream-reader.ts';
import { isTransparent, type Pair, titleOf } from '../cells.ts';
import { agentMessage, artifactUpdate, statusUpdate, task, wrapped } from './entities.ts';
import { exchangeOf, pairRows } from './pairs.ts';
import { callerRequest, callId, enveloped, eventsIn, eventText, idIn, sayer, streams } from './speech.ts';
import { type Json, type Spelled, spellingOf, wireText } from './spelling.ts';
import { ask, startWireStand } from './stand.ts';

/** Streams between every caller and every agent: what comes first, what comes last, what is between, and who leaves. */

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startWireStand();
});
afterAll(() => gateway.close());

const [stream, subscribe] = [exchangeOf('SendStreamingMessage'), exchangeOf('SubscribeToTask')];
const bridged = pairRows.filter(([, , pair]) => !isTransparent(pair));
const isLatest = (protocol: Protocol) => versionOf(protocol) === '1.0';

const update = {
  working: wrapped('statusUpdate', statusUpdate('working', false)),
  inputRequired: wrapped('statusUpdate', statusUpdate('inputRequired', false)),
  inputRequiredLast: wrapped('statusUpdate', statusUpdate('inputRequired', true)),
  authRequired: wrapped('statusUpdate', statusUpdate('authRequired', false)),
  completed: wrapped('statusUpdate', statusUpdate('completed', true)),
  artifact: wrapped('artifactUpdate', artifactUpdate(false, true)),
};
const submitted = wrapped('task', task('submitted'));

async function open(pair: Pair, exchange = stream): Promise<Response> {
  return ask(gateway, pair.agent, callerRequest(pair.caller, exchange));
}

async function events(pair: Pair): Promise<unknown[]> {
  return eventsIn(await (await open(pair)).text());
}

function asSeen({ caller }: Pair, ...expected: Spelled[]): unknown[] {
  return expected.map((event) => enveloped(caller, callId, event[spellingOf(caller)]));
}

describe('a stream that an agent begins with an update', () => {
  const isGet = ({ body, method }: SeenRequest) => method === 'GET' || /"(?:GetTask|tasks\/get)"/.test(body);

  function beginning(agent: Protocol, told: Json | undefined, first: Spelled): Script {
    return (request, response, incoming) => {
      if (!isGet(request)) return streams(agent, first, update.completed)(request, response, incoming);
      const type = { 'content-type': 'application/json' };
      if (told === undefined) response.writeHead(404, type).end('{}');
      else response.writeHead(200, type).end(wireText(enveloped(agent, idIn(request), told)));
    };
  }

  const upward = bridged.filter(([, , { caller }]) => isLatest(caller));
  it.each(upward)('begins with the task for %s from %s', async (_, __, pair) => {
    cites('A2A-3.1.2-first-event', titleOf(pair.caller));
    const told = task('working')[spellingOf(pair.agent)];
    gateway.agent.script(beginning(pair.agent, told, update.working));
    const working = wrapped('task', task('working'));
    expect(await events(pair)).toEqual(asSeen(pair, working, update.working, update.completed));
    expect(gateway.agent.seen.slice(-2).map(isGet)).toEqual([false, true]);
  });

  it.each(upward)(
    'begins with what the update says, where the task is not told, for %s from %s',
    async (_, __, pair) => {
      cites('A2A-3.1.2-first-event', titleOf(pair.caller));
      gateway.agent.script(beginning(pair.agent, undefined, update.artifact));
      const [first, ...rest] = await events(pair);
      const madeUp = { task: { id: 't-1', contextId: 'c-1', status: { state: 'TASK_STATE_WORKING' } } };
      expect(first).toEqual(enveloped(pair.caller, callId, madeUp));
      expect(rest).toEqual(asSeen(pair, update.artifact, update.completed));
    },
  );

  const downward = bridged.filter(([, , { caller }]) => !isLatest(caller));
  it.each(downward)('begins with it for %s from %s', async (_, __, pair) => {
    gateway.agent.script(beginning(pair.agent, undefined, update.working));
    expect(await events(pair)).toEqual(asSeen(pair, update.working, update.completed));
  });
});

describe('the end of a stream', () => {
  const toLegacy = bridged.filter(([, , { caller }]) => !isLatest(caller));

  it.each(toLegacy)(
    'is said once more after a state that is not the last, to %s from %s',
    async (_, __, pair) => {
      cites('A2A-0.3-7.2-final', titleOf(pair.caller));
      gateway.agent.script(streams(pair.agent, submitted, update.inputRequired));
      const expected = asSeen(pair, submitted, update.inputRequired, update.inputRequiredLast);
      expect(await events(pair)).toEqual(expected);
    },
  );

  it.each(toLegacy)('is not said where the task goes on, to %s from %s', async (_, __, pair) => {
    const all = [submitted, update.authRequired, update.artifact, update.completed];
    gateway.agent.script(streams(pair.agent, ...all));
    expect(await events(pair)).toEqual(asSeen(pair, ...all));
  });

  it.each(pairRows)('is left to the agent at input-required, for %s from %s', async (_, __, pair) => {
    cites('A2A-7.6.1-interrupted', 'A2A-3.1.2-ends-as-the-agent', titleOf(pair.caller));
    const call = nextCall(gateway.agent);
    const opening = open(pair);
    const held = await call;
    const say = sayer(pair.agent, held.response, idIn(held.request));
    say(submitted, update.inputRequired);
    const reader = readStream(await opening);
    const state = { '1.0': 'TASK_STATE_INPUT_REQUIRED', '0.3': 'input-required' } as const;
    const isProto = spellingOf(pair.caller) === '0.3 proto';
    const read = await reader.until(isProto ? state['1.0'] : state[versionOf(pair.caller)]);
    expect(read).toContain('t-1');
    say(update.completed);
    held.response.end();
    const rest = await reader.rest();
    expect(eventsIn(read + rest)).toEqual(asSeen(pair, submitted, update.inputRequired, update.completed));
  });
});

it.each(pairRows)('a stream of one message is that event, to %s from %s', async (_, __, pair) => {
  cites('A2A-3.1.2-message-stream', titleOf(pair.caller));
  const message = wrapped('message', agentMessage());
  gateway.agent.script(streams(pair.agent, message));
  expect(await events(pair)).toEqual(asSeen(pair, message));
});

describe('events on their way', () => {
  const count = 300;

  it.each(pairRows)(
    'stay in order and whole, however they are cut and framed, to %s from %s',
    async (_, __, pair) => {
      cites('A2A-3.5.2-order', 'A2A-3.5.2-any-split', titleOf(pair.caller));
      gateway.agent.script((request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
        const updates = Array.from({ length: count }, (_, index) => {
          const { [spellingOf(pair.agent)]: event } = numbered(index);
          const text = wireText(enveloped(pair.agent, idIn(request), event));
          // As the SSE libraries of other languages frame them.
          return `: comment ${index}\r\nevent: message\r\nid: ${index}\r\ndata: ${text}\r\n\r\n`;
        });
        const bytes = Buffer.from(eventText(pair.agent, idIn(request), submitted) + updates.join(''));
        for (let at = 0; at < bytes.length; at += 997) response.write(bytes.subarray(at, at + 997));
        response.end();
      });
      const text = await (await open(pair)).text();
      const seen = [...text.matchAll(/"artifactId":"n-(\d+)"/g)].map(([, index]) => Number(index));
      expect(seen).toEqual(Array.from({ length: count }, (_, index) => index));
    },
  );

  function numbered(index: number): Spelled {
    const common = { taskId: 't-1', contextId: 'c-1' };
    const artifact = { artifactId: `n-${index}`, name: 'ü'.repeat(index % 7) };
    return {
      '1.0': { artifactUpdate: { ...common, artifact: { ...artifact, parts: [{ text: '🌍' }] } } },
      '0.3': {
        kind: 'artifact-update',
        ...common,
        artifact: { ...artifact, parts: [{ kind: 'text', text: '🌍' }] },
      },
      '0.3 proto': { artifactUpdate: { ...common, artifact: { ...artifact, parts: [{ text: '🌍' }] } } },
    };
  }
});

describe('who leaves', () => {
  it.each(pairRows)('a caller of %s: the connection to %s is closed', async (_, __, pair) => {
    cites('A2A-3.5.2-leaving', titleOf(pair.caller));
    const call = nextCall(gateway.agent);
    const opening = open(pair);
    const held = await call;
    sayer(pair.agent, held.response, idIn(held.request))(submitted);
    const reader = readStream(await opening);
    await reader.until('t-1');
    await reader.leave();
    await held.closed;
    expect(held.response.writableEnded).toBe(false);
  });

  it.each(pairRows)('a caller of %s, before %s has said anything', async (_, __, { caller, agent }) => {
    const call = nextCall(gateway.agent);
    const leaving = new AbortController();
    const { signal } = leaving;
    const asking = ask(gateway, agent, { ...callerRequest(caller, subscribe), signal });
    const left = expect(asking.then((response) => response.text())).rejects.toThrow();
    const held = await call;
    sayer(agent, held.response, null)();
    held.response.flushHeaders();
    leaving.abort();
    await left;
    await held.closed;
    expect(held.response.writableEnded).toBe(false);
  });

  it.each(pairRows)('the agent, and %s is told as by %s', async (_, __, pair) => {
    cites('A2A-9.4.2-broken', titleOf(pair.caller));
    const call = nextCall(gateway.agent);
    const opening = open(pair);
    const held = await call;
    sayer(pair.agent, held.response, idIn(held.request))(submitted, update.working);
    const reader = readStream(await opening);
    const read = await reader.until(pair.caller === 'jsonrpc-0.3' ? '"working"' : 'TASK_STATE_WORKING');
    held.response.destroy();
    const all = eventsIn(read + (await reader.rest()));
    expect(all.slice(0, 2)).toEqual(asSeen(pair, submitted, update.working));
    expect(all).toHaveLength(3);
    expect(JSON.stringify(all[2])).toContain('"reason":"UPSTREAM_RESET"');
    const isRpc = bindingOf(pair.caller) === 'JSONRPC';
    expect(all[2]).toMatchObject(isRpc ? { jsonrpc: '2.0', id: callId } : {});
  });
});

describe('an agent of another mind', () => {
  const noObjects = ['{"oops', '[]', '7'];
  /** Within a version an object may be an event that is only not known here yet. */
  const noEvents = [...noObjects, '{"jsonrpc":"2.0","id":1}', '{"result":{}}'];

  it.each(bridged)('whose event cannot be read: %s is told of the fault of %s', async (_, __, pair) => {
    for (const data of versionOf(pair.caller) === versionOf(pair.agent) ? noObjects : noEvents) {
      gateway.agent.script((request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end(`${eventText(pair.agent, idIn(request), submitted)}data: ${data}\n\n`);
      });
      const text = await (await open(pair)).text();
      const [first, second, ...others] = eventsIn(text);
      expect(first).toEqual(asSeen(pair, submitted)[0]);
      expect(JSON.stringify(second)).toContain('"reason":"INVALID_AGENT_RESPONSE"');
      expect(text).toContain('\n\nevent: error\ndata: ');
      expect(others).toEqual([]);
    }
  });

  it.each(bridged)('that answers a stream with one result: %s from %s', async (_, __, pair) => {
    const { agent } = pair;
    gateway.agent.script((request, response) => {
      const result = wrapped('task', task('completed'))[spellingOf(agent)];
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(wireText(enveloped(agent, idIn(request), result)));
    });
    const response = await open(pair);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const [first] = eventsIn(await response.text());
    expect(first).toEqual(asSeen(pair, wrapped('task', task('completed')))[0]);
  });

  const overHttp = pairRows.filter(([, , { agent }]) => bindingOf(agent) === 'HTTP+JSON');
  it.each(overHttp)('that takes a subscription by GET only: %s to %s', async (_, __, pair) => {
    cites('A2A-3.1.6-get-and-post', titleOf(pair.caller));
    gateway.agent.script((request, response, incoming) => {
      if (request.method === 'GET')
        streams(pair.agent, submitted, update.completed)(request, response, incoming);
      else response.writeHead(405).end();
    });
    const response = await open(pair, subscribe);
    expect(eventsIn(await response.text())).toEqual(asSeen(pair, submitted, update.completed));
    expect(gateway.agent.seen.slice(-2).map(({ method }) => method)).toEqual(['POST', 'GET']);
  });
});
