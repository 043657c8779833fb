import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Protocol } from '../../../examples/conformance/protocols.ts';
import { cites } from '../../support/cites.ts';
import type { TestGateway } from '../../support/gateway.ts';
import type { Script } from '../../support/scripted-agent.ts';
import { titleOf } from '../cells.ts';
import { type Answered, type ErrorCase, errorCases } from './errors.ts';
import type { Exchange } from './exchanges.ts';
import { exchangeOf } from './pairs.ts';
import { callerRequest, eventsIn } from './speech.ts';
import { fromWire, wireText } from './spelling.ts';
import { ask, startWireStand, wireProtocols } from './stand.ts';

/** Every error of an agent, in every protocol, as callers of every protocol are told of it. */

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startWireStand();
});
afterAll(() => gateway.close());

const [getTask, stream] = [exchangeOf('GetTask'), exchangeOf('SendStreamingMessage')];
const subscribe = exchangeOf('SubscribeToTask');

/** In the envelope an agent is asked in there is another id than the caller's. */
function answered({ body }: Answered, seen: string): string {
  const id = seen === '' ? undefined : (fromWire(seen) as { id?: unknown }).id;
  const isEnvelope = typeof body === 'object' && body !== null && 'jsonrpc' in body;
  return wireText(isEnvelope ? { ...body, id } : body);
}

function answers(answer: Answered): Script {
  return ({ body }, response) => {
    response.writeHead(answer.status, { 'content-type': 'application/json' });
    response.end(answered(answer, body));
  };
}

/** @param before events before the error */
function streams(answer: Answered, ...before: string[]): Script {
  return ({ body }, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of before) response.write(`data: ${event}\n\n`);
    response.end(`event: error\ndata: ${answered(answer, body)}\n\n`);
  };
}

async function askFor(exchange: Exchange, caller: Protocol, agent: Protocol): Promise<Response> {
  return ask(gateway, agent, callerRequest(caller, exchange));
}

const cells = errorCases.flatMap((each) =>
  each.agents.flatMap((agent) => wireProtocols.map((caller) => ({ each, agent, caller }))),
);
type Row = readonly [
  title: string,
  caller: string,
  agent: string,
  each: ErrorCase,
  pair: [Protocol, Protocol],
];
const rows = cells.map(
  ({ each, agent, caller }): Row => [each.title, titleOf(caller), titleOf(agent), each, [caller, agent]],
);

/** A case of each way an error is told: what else could differ in a stream is the same code as in an answer. */
const shortRows = rows.filter(([title]) =>
  [
    'TASK_NOT_FOUND with details',
    'UNSUPPORTED_OPERATION by its code alone',
    'a code of a vendor with data of its own',
    "a reason in a vendor's domain",
  ].includes(title),
);

describe('an error instead of an answer', () => {
  it.each(rows)('%s: a caller of %s, and an agent of %s', async (_, __, ___, each, [caller, agent]) => {
    cites('A2A-5.4-agent-errors', 'A2A-5.4-reason-first', 'A2A-5.4-vendor-errors', titleOf(caller));
    gateway.agent.script(answers(each.from(agent)));
    const response = await askFor(getTask, caller, agent);
    const { status, body } = each.to(caller, agent);
    expect(fromWire(await response.text())).toEqual(body);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toBe('application/json');
  });

  it.each(shortRows)('%s: no stream for %s from %s', async (_, __, ___, each, [caller, agent]) => {
    gateway.agent.script(answers(each.from(agent)));
    const response = await askFor(stream, caller, agent);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(fromWire(await response.text())).toEqual(each.to(caller, agent).body);
  });
});

describe('an error in the first event of a subscription', () => {
  const bridged = shortRows.filter(([, , , , [caller, agent]]) => caller !== agent);
  it.each(bridged)('%s: is answered as one to %s from %s', async (_, __, ___, each, [caller, agent]) => {
    gateway.agent.script(streams(each.from(agent)));
    const response = await askFor(subscribe, caller, agent);
    expect(response.headers.get('content-type')).toBe('application/json');
    const { body } = each.to(caller, agent);
    expect(reasonIn(fromWire(await response.text()))).toEqual(reasonIn(body));
  });
});

/** Events have no status of HTTP, so that only what the error is must be the same. */
function reasonIn(body: unknown): unknown {
  const { error = body } = body as { error?: unknown };
  const { message, data, details } = error as Record<string, unknown>;
  return { message, data, details };
}

describe('an error in mid-stream', () => {
  it.each(shortRows)('%s: to %s from %s', async (_, __, ___, each, [caller, agent]) => {
    gateway.agent.script(streams(each.from(agent), firstEvent(agent)));
    const response = await askFor(stream, caller, agent);
    const text = await response.text();
    expect(text).toMatch(/^data: [^\n]*\n\nevent: error\ndata: [^\n]*\n\n$/);
    const { body } = each.to(caller, agent);
    expect(reasonIn(eventsIn(text).at(-1))).toEqual(reasonIn(body));
  });
});

function firstEvent(agent: Protocol): string {
  const status = { state: agent === 'jsonrpc-0.3' ? 'working' : 'TASK_STATE_WORKING' };
  const task = { id: 't-1', contextId: 'c-1', status };
  if (agent === 'jsonrpc-0.3')
    return wireText({ jsonrpc: '2.0', id: '#1', result: { kind: 'task', ...task } });
  return wireText(agent === 'jsonrpc-1.0' ? { jsonrpc: '2.0', id: '#1', result: { task } } : { task });
}
