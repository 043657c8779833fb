import type { Metadata } from '@grpc/grpc-js';
import { expect } from 'vitest';
import { errorInfoType, rpcStatuses } from '../../src/protocol/a2a-errors.ts';
import type { OperationName } from '../../src/protocol/operations.ts';
import type { Cell } from '../requirements/clause.ts';
import { call, domainOfReason, leastParams, operationNames, refusalOf } from './bindings.ts';
import { type TestGateway, withHeaders } from './gateway.ts';
import { type GrpcCaller, grpcCaller } from './grpc.ts';
import { type LegacyOperation, legacyCall } from './legacy.ts';
import { inlinePushes, legacyNamed, legacyRestCall } from './legacy-proto.ts';

/** The same calls in every way to speak A2A, so that a test says once what holds for all. */

type Json = Readonly<Record<string, unknown>>;

/** An answer as its caller sees it. */
export interface CellAnswer {
  /** Of HTTP, or of gRPC. */
  status: number;
  /** The body; of gRPC, the messages. */
  text: string;
  /** Of gRPC the trailers are among them. */
  header(name: string): string | undefined;
  /** The error: what tells which it is in this binding, and its details. */
  error: { code: unknown; details: unknown };
  /** All that was received, without what differs between any two answers. */
  all: string;
}

export interface CellCallOptions {
  /** Default `agent`. */
  agentId?: string;
  /** In place of the least the operation needs. */
  params?: Json | undefined;
}

export interface CellCaller {
  call(operation: OperationName, options?: CellCallOptions): Promise<CellAnswer>;
  close(): void;
}

/** What an operation needs at least, as gRPC has it; undefined where the version has no such operation. */
function leastOf(cell: Cell, operation: OperationName): Json | undefined {
  if (cell.endsWith('1.0')) return leastParams(operation);
  return operation === 'ListTasks' ? undefined : legacyNamed[operation];
}

/** Those its version has. */
export function operationsOf(cell: Cell): readonly OperationName[] {
  return operationNames.filter((operation) => leastOf(cell, operation) !== undefined);
}

/** Messages with a push configuration in them, in each spelling it has. */
export function inlinePushesOf(cell: Cell): readonly Json[] {
  return inlinePushes[cell];
}

/** As much of a gateway as its callers need. */
export type CellGateway = Pick<TestGateway, 'fetch' | 'grpcAddress'>;

/** A caller of a gateway that serves {@link grpcSettings}. @param token none: it shows no token */
export function cellCaller(gateway: CellGateway, cell: Cell, token?: string): CellCaller {
  return cell.startsWith('gRPC') ? overGrpc(gateway, cell, token) : overHttp(gateway, cell, token);
}

function overHttp(gateway: CellGateway, cell: Cell, token?: string): CellCaller {
  const shown = token === undefined ? '' : `Bearer ${token}`;
  const caller = withHeaders(gateway, { authorization: shown });
  return {
    async call(operation, { agentId = 'agent', params } = {}) {
      const options = { agentId, ...(params !== undefined && { params: { ...params } }) };
      const legacy = operation as LegacyOperation; // Tests of 0.3 ask for what it has.
      if (cell === 'JSON-RPC 0.3') return fromHttp(await legacyCall(caller, legacy, options));
      if (cell === 'HTTP+JSON 0.3') return fromHttp(await legacyRestCall(caller, legacy, options));
      const binding = cell === 'JSON-RPC 1.0' ? 'JSON-RPC' : 'HTTP+JSON';
      return fromHttp(await call(caller, binding, operation, options));
    },
    close() {},
  };
}

interface ErrorBody {
  code?: unknown;
  status?: unknown;
  data?: unknown;
  details?: unknown;
}

async function fromHttp(response: Response): Promise<CellAnswer> {
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  const body = isJson ? (JSON.parse(text) as ErrorBody & { error?: ErrorBody }) : {}; // As far as it is an error.
  const { code, status, data, details } = body.error ?? body;
  const headers = [...response.headers].filter(([name]) => !isOfOneAnswer(name));
  return {
    status: response.status,
    text,
    header: (name) => response.headers.get(name) ?? undefined,
    error: { code: status ?? code, details: details ?? data },
    all: JSON.stringify([response.status, headers, text]),
  };
}

/** In 1.0 agents are named by the tenant, in 0.3, which has none, by the authority. */
function overGrpc(gateway: CellGateway, cell: Cell, token?: string): CellCaller {
  const version = cell === 'gRPC 1.0' ? '1.0' : '0.3';
  const opened = new Map<string, GrpcCaller>();
  const callerOf = (authority: string) => {
    const options = { ...(token !== undefined && { token }), ...(authority !== '' && { authority }) };
    const caller = opened.get(authority) ?? grpcCaller(gateway.grpcAddress, options);
    opened.set(authority, caller);
    return caller;
  };
  return {
    async call(operation, { agentId = 'agent', params = leastOf(cell, operation) ?? {} } = {}) {
      const caller = callerOf(version === '1.0' ? '' : `${agentId}.grpc.test`);
      const message = version === '1.0' ? { ...params, tenant: agentId } : params;
      const { code, text, messages, head, trailers, details } = await caller.call(operation, message, {
        version,
      });
      const told = [head, trailers].map(lastingIn);
      return {
        status: code,
        text: JSON.stringify(messages),
        header: (name) => [...trailers.get(name), ...head.get(name)][0]?.toString(),
        error: { code, details },
        all: JSON.stringify([code, text, told, messages]),
      };
    },
    close() {
      for (const caller of opened.values()) caller.close();
    },
  };
}

function lastingIn(metadata: Metadata): unknown[] {
  return Object.entries(metadata.toJSON()).filter(([name]) => !isOfOneAnswer(name));
}

function isOfOneAnswer(header: string): boolean {
  return header === 'x-request-id' || header === 'date';
}

/** Asserts status, code, reason, domain and metadata of a refusal, in the words of the cell. */
export function expectRefused(
  cell: Cell,
  { status, error }: CellAnswer,
  reason: string,
  metadata: Readonly<Record<string, string>> = {},
): void {
  // A map that is empty is not there in protobuf.
  const isBare = cell.startsWith('gRPC') && Object.keys(metadata).length === 0;
  const info = { '@type': errorInfoType, reason, domain: domainOfReason(reason) };
  const details = [isBare ? info : { ...info, metadata }];
  const [expectedStatus, code] = numbersOf(cell, reason);
  expect({ status, ...error }).toEqual({ status: expectedStatus, code, details });
}

function numbersOf(cell: Cell, reason: string): readonly [status: number, code: unknown] {
  const { rpc, rest } = refusalOf(reason);
  if (cell.startsWith('JSON-RPC')) return rpc;
  if (cell === 'HTTP+JSON 1.0') return rest;
  if (cell === 'HTTP+JSON 0.3') return [rest[0], rpc[1]];
  const { grpcCode } = rpcStatuses[rest[1] as keyof typeof rpcStatuses];
  return [grpcCode, grpcCode];
}
