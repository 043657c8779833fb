import { type Failure, fail, ok, type Result } from '../failure.ts';
import { maxIdChars } from './guarded.ts';
import {
  type Guard,
  guardOf,
  insertMember,
  inspect,
  isRecord,
  type JsonSpan,
  parseJson,
  replaceSpan,
} from './json.ts';
import { type NamingMember, namingMembers, withNaming } from './named-ids.ts';
import { type LegacyForm, type Operation, operations } from './operations.ts';
import type { ServedVersion } from './version.ts';

/** A JSON-RPC 2.0 request for one of our operations (A2A §9). */
export interface RpcCall {
  operation: Operation;
  /** By whose rules it was read. */
  version: ServedVersion;
  /** The operation's guarded members in that version. */
  guarded: readonly string[];
  /** Those of them that name a task or a context. */
  naming: readonly NamingMember[];
  /** Whether a success may come without a result. */
  resultMayBeAbsent: boolean;
  /** The body as received. */
  text: string;
  /** The id as the caller spelled it; echoed letter for letter in whatever the gateway itself answers. */
  idText: string;
  /** The id's value, to compare with the agent's answer. */
  id: string | number | null;
  params: Readonly<Record<string, unknown>>;
  /** Spans of guarded members by dotted path, relative to the body: `params.message.taskId`. */
  spans: ReadonlyMap<string, JsonSpan>;
}

/** A refused request, with the id to answer under as far as one could be read. */
export interface RpcRefusal {
  ok: false;
  failure: Failure;
  idText: string;
}

/** The error's own id where the request's is unknown (JSON-RPC 2.0 §5). */
export const unknownId = 'null';

type RpcMethod = Pick<RpcCall, 'operation' | 'guarded' | 'naming' | 'resultMayBeAbsent'> & { guard: Guard };

const envelope = ['jsonrpc', 'id', 'method', 'params'] as const;
const envelopeGuard = guardOf(envelope);

/** By version, for a name of one means nothing in the other: each call is read by one set of rules. */
const methods: Readonly<Record<ServedVersion, ReadonlyMap<string, RpcMethod>>> = {
  '1.0': methodsOf(({ name, guarded }) => ({ method: name, guarded })),
  '0.3': methodsOf(({ v0_3 }) => v0_3),
};

type RpcForm = Pick<LegacyForm, 'method' | 'guarded' | 'resultMayBeAbsent'>;

function methodsOf(formOf: (operation: Operation) => RpcForm | undefined): Map<string, RpcMethod> {
  const named = new Map<string, RpcMethod>();
  for (const operation of operations) {
    const form = formOf(operation);
    if (form === undefined) continue;
    const { method, resultMayBeAbsent = false } = form;
    const naming = namingMembers(operation, form.guarded);
    const guarded = withNaming(form.guarded, naming);
    const guard = guardOf([...envelope, ...guarded.map((path) => `params.${path}`)]);
    named.set(method, { operation, guarded, naming, resultMayBeAbsent, guard });
  }
  return named;
}

/**
 * Reads a JSON-RPC body by the method names of one protocol version. Batches and notifications are refused: the
 * protocol uses neither (§9).
 * Failures: `body_malformed`, `envelope_invalid`, `operation_unknown`, `member_refused`.
 * Does not check the operation's parameters beyond their guarded members' names.
 */
export function parseRpcCall(
  body: string,
  version: ServedVersion,
): { ok: true; value: RpcCall } | RpcRefusal {
  const parsed = parseJson(body);
  if (!parsed.ok) return { ...parsed, idText: unknownId };
  const { text, value } = parsed.value;
  const shape = parseEnvelope(value);
  if (!shape.ok) return { ...shape, idText: unknownId };

  const method = methods[version].get(shape.value.method);
  const inspected = inspect(text, method?.guard ?? envelopeGuard);
  if (!inspected.ok) return { ...inspected, idText: idTextOf(text, inspect(text, envelopeGuard)) };
  const idText = idTextOf(text, inspected);
  // It is said again in every event of a stream.
  if (idText.length > maxIdChars)
    return { ...fail({ code: 'envelope_invalid', problem: 'id' }), idText: unknownId };
  if (method === undefined) return { ...fail({ code: 'operation_unknown' }), idText };

  const { id, params } = shape.value;
  // By name: leaving one member out of a copy costs more than all the rest of the reading.
  const { operation, guarded, naming, resultMayBeAbsent } = method;
  const spans = inspected.value;
  return {
    ok: true,
    value: { operation, guarded, naming, resultMayBeAbsent, version, text, idText, id, params, spans },
  };
}

/** The id as spelled; unknown where the envelope itself is refused, for then it may be given twice. */
function idTextOf(text: string, inspected: Result<Map<string, JsonSpan>>): string {
  const span = inspected.ok ? inspected.value.get('id') : undefined;
  return span === undefined ? unknownId : text.slice(span.start, span.end);
}

interface Envelope {
  id: string | number | null;
  method: string;
  params: Record<string, unknown>;
}

function parseEnvelope(value: unknown): Result<Envelope> {
  const invalid = (problem: string) => fail({ code: 'envelope_invalid', problem });
  if (Array.isArray(value)) return invalid('batch');
  if (!isRecord(value)) return invalid('object');
  if (value.jsonrpc !== '2.0') return invalid('jsonrpc');
  if (typeof value.method !== 'string') return invalid('method');
  if (!isId(value.id)) return invalid('id');
  const params = value.params ?? {};
  if (!isRecord(params)) return invalid('params');
  return ok({ id: value.id, method: value.method, params });
}

function isId(value: unknown): value is string | number | null {
  return typeof value === 'string' || typeof value === 'number' || value === null;
}

/** The body with the agent's own `tenant` in its params (A2A §8.3.2); as received where the agent wants none. */
export function withTenant(call: RpcCall, tenant: string | undefined): string {
  if (tenant === undefined) return call.text;
  const value = JSON.stringify(tenant);
  const given = call.spans.get('params.tenant');
  if (given !== undefined) return replaceSpan(call.text, given, value);
  const params = call.spans.get('params');
  if (params === undefined)
    return insertMember(call.text, call.text.indexOf('{'), 'params', `{"tenant":${value}}`);
  if (call.text[params.start] !== '{') return replaceSpan(call.text, params, `{"tenant":${value}}`);
  return insertMember(call.text, params.start, 'tenant', value);
}
