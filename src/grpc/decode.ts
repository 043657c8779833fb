import { BinaryReader, base64Encode, WireType } from '@bufbuild/protobuf/wire';
import { isRecord, maxJsonDepth } from '../protocol/json.ts';
import {
  type EnumType,
  type Field,
  type ItemKind,
  type MessageType,
  ProtoError,
  setMember,
} from './schema.ts';
import { formatTimestamp } from './timestamp.ts';

/**
 * Reads a protobuf message as ProtoJSON. What is on the wire is told, defaults included; what is not is left out, but for
 * the members A2A requires. Fields nobody here knows have no name and are skipped; an enum's unknown number stays one. Of
 * a field that comes twice the last counts.
 *
 * @throws ProtoError for bytes that are no such message, for text that is not UTF-8, and for values deeper than JSON
 *   may be here
 */
export function decodeMessage(type: MessageType, bytes: Uint8Array): Record<string, unknown> {
  const reader = new BinaryReader(bytes);
  try {
    return readMessage(reader, bytes.length, type);
  } catch (error) {
    throw error instanceof ProtoError ? error : new ProtoError('protobuf');
  }
}

function readMessage(reader: BinaryReader, end: number, type: MessageType): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  while (reader.pos < end) {
    const [number, wire] = reader.tag();
    const field = type.byNumber.get(number);
    if (field !== undefined && wire === wireOf(field)) readField(reader, field, type, message);
    else reader.skip(wire, number);
  }
  if (reader.pos !== end) throw new ProtoError('protobuf');
  for (const { name, otherwise } of type.fields) {
    if (otherwise !== undefined && !Object.hasOwn(message, name)) message[name] = otherwise();
  }
  return message;
}

function wireOf({ shape, kind }: Field): WireType {
  if (shape === 'map') return WireType.LengthDelimited;
  if (kind === 'bool' || kind === 'int32') return WireType.Varint;
  return typeof kind === 'object' && 'names' in kind ? WireType.Varint : WireType.LengthDelimited;
}

function readField(
  reader: BinaryReader,
  { name, shape, kind, oneOf }: Field,
  type: MessageType,
  message: Record<string, unknown>,
): void {
  if (shape === 'list') {
    const items = message[name] ?? [];
    if (Array.isArray(items)) items.push(readItem(reader, kind));
    message[name] = items;
    return;
  }
  if (shape === 'map') {
    const entries = message[name] ?? {};
    const [key, value] = readEntry(reader, kind);
    if (isRecord(entries)) setMember(entries, key, value);
    message[name] = entries;
    return;
  }
  if (oneOf !== undefined) {
    for (const other of type.fields) if (other.oneOf === oneOf) delete message[other.name];
  }
  message[name] = readItem(reader, kind);
}

function readItem(reader: BinaryReader, kind: ItemKind): unknown {
  if (typeof kind === 'object') return 'names' in kind ? readEnum(reader, kind) : readInner(reader, kind);
  switch (kind) {
    case 'string':
      return reader.string(true);
    case 'bytes':
      return base64Encode(reader.bytes());
    case 'bool':
      return reader.bool();
    case 'int32':
      return reader.int32();
    case 'struct':
      return readStruct(reader, endOf(reader), 1);
    case 'value':
      return readValue(reader, endOf(reader), 0);
    case 'timestamp':
      return readTimestamp(reader, endOf(reader));
  }
}

function readEnum(reader: BinaryReader, { names }: EnumType): string | number {
  const number = reader.int32();
  return names.get(number) ?? number;
}

function readInner(reader: BinaryReader, type: MessageType): Record<string, unknown> {
  return readMessage(reader, endOf(reader), type);
}

/** Where the length-delimited value that begins here ends. */
function endOf(reader: BinaryReader): number {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new ProtoError('protobuf');
  return end;
}

function readEntry(reader: BinaryReader, kind: ItemKind): [string, unknown] {
  let key = '';
  let value: unknown = typeof kind === 'object' ? {} : '';
  for (const number of fieldsUntil(reader, endOf(reader), entryWires)) {
    if (number === 1) key = reader.string(true);
    else value = readItem(reader, kind);
  }
  return [key, value];
}

const entryWires = new Map([
  [1, WireType.LengthDelimited],
  [2, WireType.LengthDelimited],
]);
const listWires = new Map([[1, WireType.LengthDelimited]]);
const timestampWires = new Map([
  [1, WireType.Varint],
  [2, WireType.Varint],
]);
const valueWires = new Map([
  [1, WireType.Varint],
  [2, WireType.Bit64],
  [3, WireType.LengthDelimited],
  [4, WireType.Varint],
  [5, WireType.LengthDelimited],
  [6, WireType.LengthDelimited],
]);

/** The numbers of known fields, each to be read before the next is asked for; others are skipped. */
function* fieldsUntil(
  reader: BinaryReader,
  end: number,
  wires: ReadonlyMap<number, WireType>,
): Generator<number> {
  while (reader.pos < end) {
    const [number, wire] = reader.tag();
    if (wires.get(number) === wire) yield number;
    else reader.skip(wire, number);
  }
  if (reader.pos !== end) throw new ProtoError('protobuf');
}

function readStruct(reader: BinaryReader, end: number, depth: number): Record<string, unknown> {
  const struct: Record<string, unknown> = {};
  for (const _ of fieldsUntil(reader, end, listWires)) {
    let key = '';
    let value: unknown = null;
    for (const number of fieldsUntil(reader, endOf(reader), entryWires)) {
      if (number === 1) key = reader.string(true);
      else value = readValue(reader, endOf(reader), depth);
    }
    setMember(struct, key, value);
  }
  return struct;
}

function readValue(reader: BinaryReader, end: number, depth: number): unknown {
  if (depth > maxJsonDepth) throw new ProtoError('nesting');
  let value: unknown = null;
  for (const number of fieldsUntil(reader, end, valueWires)) value = readKind(reader, number, depth);
  return value;
}

function readKind(reader: BinaryReader, number: number, depth: number): unknown {
  switch (number) {
    case 2:
      return finite(reader.double());
    case 3:
      return reader.string(true);
    case 4:
      return reader.bool();
    case 5:
      return readStruct(reader, endOf(reader), depth + 1);
    case 6:
      return readList(reader, endOf(reader), depth + 1);
    default:
      reader.int32();
      return null;
  }
}

function readList(reader: BinaryReader, end: number, depth: number): unknown[] {
  const items: unknown[] = [];
  for (const _ of fieldsUntil(reader, end, listWires)) items.push(readValue(reader, endOf(reader), depth));
  return items;
}

/** JSON has no other numbers, so a Value must not either. */
function finite(number: number): number {
  if (!Number.isFinite(number)) throw new ProtoError('number');
  return number;
}

function readTimestamp(reader: BinaryReader, end: number): string {
  const parts = { seconds: 0, nanos: 0 };
  for (const number of fieldsUntil(reader, end, timestampWires)) {
    if (number === 1) parts.seconds = Number(reader.int64());
    else parts.nanos = reader.int32();
  }
  return formatTimestamp(parts);
}
