import type { Cell } from '../requirements/clause.ts';
import { message } from './bindings.ts';
import { register, rpc, type TestGateway } from './gateway.ts';
import { legacyCardAt, legacyMessage } from './legacy.ts';
import { protoMessage } from './legacy-proto.ts';
import { type HeldCall, nextCall } from './scripted-agent.ts';
import { readStream, type StreamReader } from './stream-reader.ts';

/** Callers who lose a stream and subscribe again with `Last-Event-ID`, in each binding and version. */

export interface Dialect {
  name: Cell;
  /** The agent that speaks it: `agent` 1.0, `veteran` JSON-RPC of 0.3, `elder` its HTTP+JSON. */
  agentId: string;
  /** In JSON-RPC under this id. */
  send(id: unknown): [path: string, init: RequestInit];
  subscribe(taskId: string, id: unknown): [path: string, init: RequestInit];
  /** An event about a task, as an answer to the call with this id. */
  event(count: number, id?: unknown, taskId?: string): string;
}

const json = { headers: { 'content-type': 'application/json' } };
const update = (taskId: string, n: number) => ({ taskId, contextId: 'c-1', metadata: { n } });
const answer = (id: unknown, result: unknown) => JSON.stringify({ jsonrpc: '2.0', id, result });

export const dialects: readonly Dialect[] = [
  {
    name: 'JSON-RPC 1.0',
    agentId: 'agent',
    send: (id) => ['', rpc('SendStreamingMessage', { message }, id)],
    subscribe: (taskId, id) => ['', rpc('SubscribeToTask', { id: taskId }, id)],
    event: (n, id = 1, taskId = 't-1') => `data: ${answer(id, { statusUpdate: update(taskId, n) })}\n\n`,
  },
  {
    name: 'HTTP+JSON 1.0',
    agentId: 'agent',
    send: () => ['/message:stream', { method: 'POST', ...json, body: JSON.stringify({ message }) }],
    subscribe: (taskId) => [`/tasks/${taskId}:subscribe`, { method: 'POST', ...json, body: '{}' }],
    event: (n, _, taskId = 't-1') => `data: ${JSON.stringify({ statusUpdate: update(taskId, n) })}\n\n`,
  },
  {
    name: 'JSON-RPC 0.3',
    agentId: 'veteran',
    send: (id) => ['', legacy(rpc('message/stream', { message: legacyMessage }, id))],
    subscribe: (taskId, id) => ['', legacy(rpc('tasks/resubscribe', { id: taskId }, id))],
    event: (n, id = 1, taskId = 't-1') =>
      `data: ${answer(id, { kind: 'status-update', ...update(taskId, n) })}\n\n`,
  },
  {
    name: 'HTTP+JSON 0.3',
    agentId: 'elder',
    send: () => ['/v1/message:stream', legacy(posted({ message: protoMessage }))],
    subscribe: (taskId) => [`/v1/tasks/${taskId}:subscribe`, legacy(posted({}))],
    event: (n, _, taskId = 't-1') => `data: ${JSON.stringify({ statusUpdate: update(taskId, n) })}\n\n`,
  },
];

function posted(body: object): RequestInit {
  return { method: 'POST', body: JSON.stringify(body) };
}

/** Registers the agents of 0.3 that the dialects are spoken to. */
export async function registerLegacy(gateway: TestGateway): Promise<void> {
  const { card, url } = gateway.agent;
  card(legacyCardAt(url));
  await register(gateway, { agentId: 'veteran' });
  card(legacyCardAt(url, { url: `${url}/rest`, preferredTransport: 'HTTP+JSON' }));
  await register(gateway, { agentId: 'elder' });
}

function legacy(init: RequestInit): RequestInit {
  return { ...init, headers: { ...json.headers, 'a2a-version': '' } };
}

export interface OpenStream {
  held: HeldCall;
  stream: StreamReader;
}

export interface CallerOptions {
  /** Sent beside what the call needs. */
  headers?: Record<string, string>;
  /** Of the JSON-RPC request. Default 1. */
  id?: unknown;
  /** Default `t-1`. */
  taskId?: string;
  /** Default: the dialect's. */
  agentId?: string;
}

type Caller = Pick<TestGateway, 'fetch' | 'agent'>;

/** Opens a stream whose agent has sent its headers. */
export async function opened(
  gateway: Caller,
  { agentId }: Dialect,
  [path, init]: [string, RequestInit],
  options: CallerOptions = {},
): Promise<OpenStream> {
  const next = nextCall(gateway.agent);
  const headers = { ...Object.fromEntries(new Headers(init.headers)), ...options.headers };
  const answer = gateway.fetch(`/agents/${options.agentId ?? agentId}${path}`, { ...init, headers });
  const held = await next;
  held.response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  return { held, stream: readStream(await answer) };
}

export function sent(gateway: Caller, dialect: Dialect, options: CallerOptions = {}): Promise<OpenStream> {
  return opened(gateway, dialect, dialect.send(options.id ?? 1), options);
}

export function subscribed(
  gateway: Caller,
  dialect: Dialect,
  lastEventId: string,
  { taskId = 't-1', id = 1, headers, ...options }: CallerOptions = {},
): Promise<OpenStream> {
  const all = { 'last-event-id': lastEventId, ...headers };
  return opened(gateway, dialect, dialect.subscribe(taskId, id), { ...options, headers: all });
}

/** The ids of the gateway's in some events, in order. */
export function idsIn(events: string): string[] {
  return [...events.matchAll(/^id: (gateway-.*)$/gm)].map(([, id = '']) => id);
}

/** Events without the gateway's id lines. */
export function withoutIds(events: string): string {
  return events.replaceAll(/^id: gateway-.*\n/gm, '');
}

/** Reads this many events. */
export async function take(stream: StreamReader, count: number): Promise<string> {
  let taken = '';
  for (let left = count; left > 0; left--) taken += await stream.until('\n\n');
  return taken;
}
