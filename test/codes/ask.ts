import type { OperationName } from '../../src/protocol/operations.ts';
import type { Cell } from '../requirements/clause.ts';
import { call, leastParams } from '../support/bindings.ts';
import type { TestGateway } from '../support/gateway.ts';
import { grpcCaller, outcomeOf } from '../support/grpc.ts';
import { type LegacyOperation, legacyCall } from '../support/legacy.ts';
import { legacyNamed, legacyRestCall } from '../support/legacy-proto.ts';

/** A gateway in which a failure is brought about, and all that stands around it. */
export type Scene = Pick<
  TestGateway,
  'fetch' | 'admin' | 'grpcAddress' | 'agent' | 'issuer' | 'logged' | 'close'
>;

/** How an error is laid out. */
export type Shape = 'JSON-RPC' | 'HTTP+JSON' | 'HTTP+JSON 0.3' | 'gRPC';

/** A failure as a caller is told of it. */
export interface Told {
  shape: Shape;
  /** Of HTTP, or of gRPC. Absent: the error is an event of a stream that had begun. */
  status?: number;
  /** Of gRPC the trailers. */
  header(name: string): string | undefined;
  /** The whole error body; of gRPC code, message and details. */
  body: unknown;
  /** All that was received. */
  all: string;
}

export interface Asked {
  /** Default `agent`. */
  agentId?: string;
  /** In place of the least the operation needs. */
  params?: Readonly<Record<string, unknown>>;
  /** Of gRPC the metadata. */
  headers?: Readonly<Record<string, string>>;
  /** In place of alice's. Empty: none is shown. */
  token?: string;
  /** In place of the whole body, over HTTP. */
  body?: string;
  signal?: AbortSignal;
}

/** The id that JSON-RPC calls have: one that no answer has by chance. */
export const callId = 'call-7';

/** Calls an operation in the words of a cell, and answers what is told of its failure. */
export function ask(scene: Scene, cell: Cell, operation: OperationName, asked: Asked = {}): Promise<Told> {
  return cell.startsWith('gRPC')
    ? askOverGrpc(scene, cell, operation, asked)
    : askOverHttp(scene, cell, operation, asked);
}

async function askOverHttp(
  scene: Scene,
  cell: Cell,
  operation: OperationName,
  { agentId = 'agent', params, headers = {}, token, body, signal }: Asked,
): Promise<Told> {
  const caller = {
    fetch(path: string, init: RequestInit = {}) {
      const all = { ...Object.fromEntries(new Headers(init.headers)), ...headers };
      if (token !== undefined) all.authorization = token === '' ? '' : `Bearer ${token}`;
      const text = body ?? withCallId(init.body);
      return scene.fetch(path, {
        ...init,
        headers: all,
        ...(init.body != null && { body: text }),
        ...(signal !== undefined && { signal }),
      });
    },
  };
  const options = { agentId, ...(params !== undefined && { params: { ...params } }) };
  const legacy = operation as LegacyOperation; // Who asks in 0.3 asks for what it has.
  if (cell === 'JSON-RPC 0.3') return toldOverHttp('JSON-RPC', await legacyCall(caller, legacy, options));
  if (cell === 'HTTP+JSON 0.3')
    return toldOverHttp('HTTP+JSON 0.3', await legacyRestCall(caller, legacy, options));
  const binding = cell === 'JSON-RPC 1.0' ? 'JSON-RPC' : 'HTTP+JSON';
  return toldOverHttp(binding, await call(caller, binding, operation, options));
}

function withCallId(body: unknown): string {
  return String(body).replace('"id":1,"method"', `"id":"${callId}","method"`);
}

/** What an answer over HTTP tells of a failure: in its body, or in the last event of its stream. */
export async function toldOverHttp(shape: Shape, response: Response): Promise<Told> {
  const text = await response.text();
  const headers = [...response.headers];
  const isStream = response.headers.get('content-type') === 'text/event-stream';
  const [, event = ''] = /(?:^|\n)event: error\ndata: ([^\n]*)\n\n$/.exec(text) ?? [];
  return {
    shape,
    ...(!isStream && { status: response.status }),
    header: (name) => response.headers.get(name) ?? undefined,
    body: JSON.parse(isStream ? event : text),
    all: JSON.stringify([headers, text]),
  };
}

async function askOverGrpc(
  scene: Scene,
  cell: Cell,
  operation: OperationName,
  { agentId = 'agent', params, headers = {}, token, signal }: Asked,
): Promise<Told> {
  const version = cell === 'gRPC 1.0' ? '1.0' : '0.3';
  const shown = token ?? (await scene.issuer.token());
  const caller = grpcCaller(scene.grpcAddress, {
    ...(shown !== '' && { token: shown }),
    ...(version === '0.3' && { authority: `${agentId}.grpc.test` }),
  });
  const least = version === '1.0' ? leastParams(operation) : legacyNamed[operation as LegacyOperation];
  const message = { ...(params ?? least), ...(version === '1.0' && { tenant: agentId }) };
  const called = caller.open(operation, message, { version, metadata: headers });
  signal?.addEventListener('abort', () => called.stream.cancel());
  const { code, text, details, head, trailers, messages } = await outcomeOf(called);
  caller.close();
  return {
    shape: 'gRPC',
    status: code,
    header: (name) => [...trailers.get(name), ...head.get(name)][0]?.toString(),
    body: { code, message: text, details },
    all: JSON.stringify([head.toJSON(), trailers.toJSON(), text, details, messages]),
  };
}

/** Asks one of the gateway's own routes as an administrator, unless a token says otherwise; empty shows none. */
export async function askOwn(
  scene: Scene,
  line: string,
  { body, headers = {}, token }: { body?: unknown; headers?: Record<string, string>; token?: string } = {},
): Promise<Told> {
  const [method = '', path = ''] = line.split(' ');
  const shown = token === undefined ? {} : { authorization: token === '' ? '' : `Bearer ${token}` };
  return toldOverHttp('HTTP+JSON', await scene.admin(method, path, body, { ...headers, ...shown }));
}
