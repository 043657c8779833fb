import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Protocol } from '../../../examples/conformance/protocols.ts';
import { type ServedVersion, servedVersions } from '../../../src/protocol/version.ts';
import type { Cell } from '../../requirements/clause.ts';
import { cites } from '../../support/cites.ts';
import type { OpenCall } from '../../support/grpc.ts';
import { protoMessage } from '../../support/legacy-proto.ts';
import { nextCall } from '../../support/scripted-agent.ts';
import { titleOf } from '../cells.ts';
import { agentMessage, artifactUpdate, statusUpdate, task, userMessage, wrapped } from './entities.ts';
import { enveloped, eventText, idIn, sayer, streams } from './speech.ts';
import { type Json, type Spelled, spellingOf, wireText } from './spelling.ts';
import { type GrpcWireStand, startGrpcWireStand, wireProtocols } from './stand.ts';

/** Streams of agents that speak JSON, to callers over gRPC (A2A §10.7). */

let stand: GrpcWireStand;
beforeAll(async () => {
  stand = await startGrpcWireStand();
});
afterAll(() => stand.close());

const submitted = wrapped('task', task('submitted'));
const update = {
  working: wrapped('statusUpdate', statusUpdate('working', false)),
  inputRequired: wrapped('statusUpdate', statusUpdate('inputRequired', false)),
  completed: wrapped('statusUpdate', statusUpdate('completed', true)),
  artifact: wrapped('artifactUpdate', artifactUpdate(false, true)),
};
const sends = { '1.0': { message: userMessage()['1.0'] }, '0.3': { message: protoMessage } } as const;
const subscribes = { '1.0': { id: 't-1' }, '0.3': { name: 'tasks/t-1' } } as const;

type Row = readonly [version: ServedVersion, agent: string, of: Protocol];
const rows = servedVersions.flatMap((version) =>
  wireProtocols.map((agent): Row => [version, titleOf(agent), agent]),
);
/** An agent of JSON-RPC in 1.0 is spoken to as it is: how it begins is its own affair. */
const upward = rows.filter(([version, , agent]) => version === '1.0' && agent !== 'jsonrpc-1.0');
const legacy = rows.filter(([version]) => version === '0.3');

const cellOf = (version: ServedVersion): Cell => `gRPC ${version}`;

function open(version: ServedVersion, agent: Protocol): OpenCall {
  return stand.callerOf(agent).open('SendStreamingMessage', sends[version], { version });
}

async function messagesOf(call: OpenCall): Promise<unknown[]> {
  const all: unknown[] = [];
  for (let next = await call.next(); next !== undefined; next = await call.next()) all.push(next);
  expect((await call.ended).code).toBe(status.OK);
  return all;
}

/** What each message is, and the state of its task as far as it says one. */
function outlineOf(messages: readonly unknown[]): unknown[] {
  return (messages as Record<string, { status?: { state?: string } }>[]).map((message) => {
    const [[kind, about] = ['', {}]] = Object.entries(message);
    return [kind, about.status?.state];
  });
}

describe('a stream that an agent begins with an update', () => {
  it.each(upward)('begins with the task for gRPC %s from %s', async (version, _, agent) => {
    cites('A2A-3.1.2-first-event', cellOf(version));
    const told: Json = task('working')[spellingOf(agent)];
    stand.gateway.agent.script((request, response, incoming) => {
      const isGet = request.method === 'GET' || /"(?:GetTask|tasks\/get)"/.test(request.body);
      if (!isGet) return streams(agent, update.artifact, update.completed)(request, response, incoming);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(wireText(enveloped(agent, idIn(request), told)));
    });
    const outline = outlineOf(await messagesOf(open(version, agent)));
    expect(outline).toEqual([
      ['task', 'TASK_STATE_WORKING'],
      ['artifactUpdate', undefined],
      ['statusUpdate', 'TASK_STATE_COMPLETED'],
    ]);
  });

  it.each(upward)('begins with what is known of it, where it is not told', async (version, _, agent) => {
    cites('A2A-3.1.2-first-event', cellOf(version));
    stand.gateway.agent.script((request, response, incoming) => {
      const isGet = request.method === 'GET' || /"(?:GetTask|tasks\/get)"/.test(request.body);
      if (!isGet) return streams(agent, update.artifact)(request, response, incoming);
      response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    });
    const [first] = await messagesOf(open(version, agent));
    expect(first).toEqual({
      task: { id: 't-1', contextId: 'c-1', status: { state: 'TASK_STATE_WORKING' } },
    });
  });
});

describe('the end of a stream', () => {
  it.each(rows)('is left to the agent at input-required, for gRPC %s from %s', async (version, _, agent) => {
    cites('A2A-7.6.1-interrupted', 'A2A-3.1.2-ends-as-the-agent', cellOf(version));
    const held = nextCall(stand.gateway.agent);
    const call = open(version, agent);
    const { request, response } = await held;
    const say = sayer(agent, response, idIn(request));
    say(submitted, update.inputRequired);
    const seen = [await call.next(), await call.next()];
    say(update.completed);
    response.end();
    const expected = ['SUBMITTED', 'INPUT_REQUIRED', 'COMPLETED'].map((state) => `TASK_STATE_${state}`);
    const outline = outlineOf([...seen, ...(await messagesOf(call))]);
    expect(outline.map((each) => (each as string[])[1])).toEqual(expected);
  });

  it.each(legacy)('is said to gRPC %s, whom %s leaves at input-required', async (version, _, agent) => {
    cites('A2A-0.3-7.2-final', cellOf(version));
    stand.gateway.agent.script(streams(agent, submitted, update.inputRequired));
    const [first, ...updates] = await messagesOf(open(version, agent));
    expect(first).toMatchObject({ task: { id: 't-1', status: { state: 'TASK_STATE_SUBMITTED' } } });
    const about = { status: { state: 'TASK_STATE_INPUT_REQUIRED' } };
    expect(updates).toMatchObject([{ statusUpdate: about }, { statusUpdate: { ...about, final: true } }]);
    expect(updates[0]).not.toMatchObject({ statusUpdate: { final: true } });
  });

  it.each(rows)(
    'comes after one message, where there is one, to gRPC %s from %s',
    async (version, _, agent) => {
      cites('A2A-3.1.2-message-stream', cellOf(version));
      stand.gateway.agent.script(streams(agent, wrapped('message', agentMessage())));
      const { messageId } = agentMessage()['1.0'] as { messageId: string };
      expect(await messagesOf(open(version, agent))).toMatchObject([{ message: { messageId } }]);
    },
  );
});

describe('events on their way', () => {
  it.each(rows)('stay whole however they are cut, to gRPC %s from %s', async (version, _, agent) => {
    cites('A2A-3.5.2-order', 'A2A-3.5.2-any-split', cellOf(version));
    const count = 50;
    stand.gateway.agent.script((request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const all = [
        submitted,
        ...Array.from({ length: count }, (_, index) => numbered(index)),
        update.completed,
      ];
      const bytes = Buffer.from(all.map((event) => eventText(agent, idIn(request), event)).join(''));
      for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7));
      response.end();
    });
    const seen = JSON.stringify(await messagesOf(open(version, agent)));
    const numbers = [...seen.matchAll(/"name":"🌍 (\d+)"/g)].map(([, index]) => Number(index));
    expect(numbers).toEqual(Array.from({ length: count }, (_, index) => index));
  });

  function numbered(index: number): Spelled {
    const about = { taskId: 't-1', contextId: 'c-1' };
    const artifact = { artifactId: `n-${index}`, name: `🌍 ${index}`, parts: [] };
    return {
      '1.0': { artifactUpdate: { ...about, artifact } },
      '0.3': { kind: 'artifact-update', ...about, artifact },
      '0.3 proto': { artifactUpdate: { ...about, artifact } },
    };
  }

  it.each(rows)('are the same for all who subscribe over gRPC %s to %s', async (version, _, agent) => {
    cites('A2A-3.5.2-several-subscribers', cellOf(version));
    const one = await subscription();
    const other = await subscription();
    const subscribed = [one, other];
    for (const { say } of subscribed) say(submitted, update.working);
    for (const { call } of subscribed)
      expect(outlineOf([await call.next(), await call.next()])).toEqual([
        ['task', 'TASK_STATE_SUBMITTED'],
        ['statusUpdate', 'TASK_STATE_WORKING'],
      ]);
    one.call.stream.cancel();
    await one.held.closed;
    other.say(update.completed);
    other.held.response.end();
    const rest = await messagesOf(other.call);
    expect(outlineOf(rest)).toEqual([['statusUpdate', 'TASK_STATE_COMPLETED']]);

    async function subscription() {
      const next = nextCall(stand.gateway.agent);
      const call = stand.callerOf(agent).open('SubscribeToTask', subscribes[version], { version });
      const held = await next;
      return { call, held, say: sayer(agent, held.response, idIn(held.request)) };
    }
  });
});
