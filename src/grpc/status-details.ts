import { isRecord } from '../protocol/json.ts';
import { decodeMessage } from './decode.ts';
import { encodeMessage } from './encode.ts';
import { type ItemKind, list, type MessageType, map, messageOf, one, ProtoError } from './schema.ts';

/** `grpc-status-details-bin`: the whole of an error, which `grpc-status` and `grpc-message` repeat in part (A2A §10.6). */
export interface RpcStatus {
  code: number;
  message: string;
  /** In ProtoJSON, each with its `@type`. */
  details: readonly unknown[];
}

const prefix = 'type.googleapis.com/';

const any = messageOf({ typeUrl: one(1), value: one(2, 'bytes') });
const status = messageOf({ code: one(1, 'int32'), message: one(2), details: list(3, any) });

/** What is known of google.rpc and so told by its members. */
const known = namedKinds<MessageType>({
  'google.rpc.ErrorInfo': messageOf({ reason: one(1), domain: one(2), metadata: map(3) }),
  'google.rpc.BadRequest': messageOf({
    fieldViolations: list(
      1,
      messageOf({
        field: one(1),
        description: one(2),
        reason: one(3),
        localizedMessage: one(4, messageOf({ locale: one(1), message: one(2) })),
      }),
    ),
  }),
  'google.rpc.PreconditionFailure': messageOf({
    violations: list(1, messageOf({ type: one(1), subject: one(2), description: one(3) })),
  }),
  'google.rpc.QuotaFailure': messageOf({
    violations: list(1, messageOf({ subject: one(1), description: one(2) })),
  }),
  'google.rpc.RequestInfo': messageOf({ requestId: one(1), servingData: one(2) }),
  'google.rpc.ResourceInfo': messageOf({
    resourceType: one(1),
    resourceName: one(2),
    owner: one(3),
    description: one(4),
  }),
  'google.rpc.Help': messageOf({ links: list(1, messageOf({ description: one(1), url: one(2) })) }),
  'google.rpc.LocalizedMessage': messageOf({ locale: one(1), message: one(2) }),
});

/** Types whose ProtoJSON is any JSON; an Any of them has it in `value`. */
const plain = namedKinds<ItemKind>({
  'google.protobuf.Struct': 'struct',
  'google.protobuf.Value': 'value',
});

/** By names that somebody else says: `constructor` is none. */
function namedKinds<Kind>(kinds: Readonly<Record<string, Kind>>): ReadonlyMap<string, Kind> {
  return new Map(Object.entries(kinds));
}

/**
 * Reads the details of an error. One of an unknown type, and one that is not what its type says, has its bytes as base64 in
 * `value`.
 *
 * @throws ProtoError for bytes that are none
 */
export function decodeStatus(bytes: Uint8Array): RpcStatus {
  const { code = 0, message = '', details = [] } = decodeMessage(status, bytes);
  return {
    code: Number(code),
    message: String(message),
    details: Array.isArray(details) ? details.filter(isRecord).map(readDetail) : [],
  };
}

/**
 * Writes the details of an error. One that names a type it does not fit, or none, travels as a Struct.
 *
 * @throws ProtoError for a code that is no number or a message that is no text in UTF-8
 */
export function encodeStatus({ code, message, details }: RpcStatus): Uint8Array<ArrayBuffer> {
  return encodeMessage(status, { code, message, details: details.flatMap(writeDetail) });
}

function readDetail({ typeUrl = '', value = '' }: Record<string, unknown>): unknown {
  const type = typeOf(typeUrl);
  const kind = known.get(type) ?? plain.get(type);
  const read = kind && attempt(() => recast(value, 'bytes', kind));
  if (read === undefined) return { '@type': typeUrl, value };
  return known.has(type) && isRecord(read)
    ? { '@type': typeUrl, ...read }
    : { '@type': typeUrl, value: read };
}

function writeDetail(detail: unknown): unknown[] {
  const typeUrl = isRecord(detail) && typeof detail['@type'] === 'string' ? detail['@type'] : '';
  const type = typeOf(typeUrl);
  const value = isRecord(detail) && typeUrl !== '' ? attempt(() => packed(detail, type)) : undefined;
  if (value !== undefined) return [{ typeUrl, value }];
  const whole = attempt(() => recast(isRecord(detail) ? detail : { value: detail }, 'struct', 'bytes'));
  return whole === undefined ? [] : [{ typeUrl: `${prefix}google.protobuf.Struct`, value: whole }];
}

/** The bytes of a detail, as base64. @throws ProtoError where it is not what its type says */
function packed(detail: Record<string, unknown>, type: string): unknown {
  const message = known.get(type);
  if (message !== undefined) return recast(detail, message, 'bytes');
  const kind = plain.get(type) ?? 'bytes';
  return recast(detail.value, kind, 'bytes');
}

/** `type.googleapis.com/a.b.C` is `a.b.C`; what stands before the last slash does not matter. */
function typeOf(url: unknown): string {
  const text = String(url);
  return text.slice(text.lastIndexOf('/') + 1);
}

/** A value of one kind as a value of another that is the same on the wire. */
function recast(value: unknown, from: ItemKind, to: ItemKind): unknown {
  const bytes = encodeMessage(messageOf({ value: one(1, from) }), { value });
  return decodeMessage(messageOf({ value: one(1, to) }), bytes).value;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof ProtoError) return undefined;
    throw error;
  }
}
