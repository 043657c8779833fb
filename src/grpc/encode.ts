import { BinaryWriter, base64Decode, WireType } from '@bufbuild/protobuf/wire';
import { isRecord, maxJsonDepth } from '../protocol/json.ts';
import { type EnumType, type Field, type ItemKind, type MessageType, ProtoError, within } from './schema.ts';
import { parseTimestamp } from './timestamp.ts';

/**
 * Writes ProtoJSON as a protobuf message. A member that is absent or null is not written; one the message does not have
 * cannot be, and is left out. Numbers inside metadata and data become doubles, the only numbers they have there.
 *
 * @throws ProtoError for a member that is not of its field's type, with its path
 */
export function encodeMessage(type: MessageType, json: unknown): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  writeMessage(writer, type, json);
  return writer.finish();
}

function writeMessage(writer: BinaryWriter, type: MessageType, json: unknown): void {
  if (!isRecord(json)) throw new ProtoError('object expected');
  const chosen = new Set<string>();
  for (const field of type.fields) {
    if (!Object.hasOwn(json, field.name)) continue;
    const value = json[field.name];
    // In a Value null is a value like another; elsewhere it is absence.
    if (value === undefined || (value === null && field.kind !== 'value')) continue;
    try {
      if (field.oneOf !== undefined && chosen.has(field.oneOf)) throw new ProtoError('one of several');
      if (field.oneOf !== undefined) chosen.add(field.oneOf);
      writeField(writer, field, value);
    } catch (error) {
      throw within(error, field.name);
    }
  }
}

function writeField(writer: BinaryWriter, { number, shape, kind }: Field, value: unknown): void {
  if (shape === 'one') {
    writeItem(writer, number, kind, value);
    return;
  }
  if (shape === 'list') {
    if (!Array.isArray(value)) throw new ProtoError('array expected');
    for (const [index, item] of value.entries()) {
      at(index, () => writeItem(writer, number, kind, item));
    }
    return;
  }
  if (!isRecord(value)) throw new ProtoError('object expected');
  for (const [key, item] of Object.entries(value)) {
    at(key, () => {
      delimited(writer, number, () => {
        writer.tag(1, WireType.LengthDelimited).string(textOf(key));
        writeItem(writer, 2, kind, item);
      });
    });
  }
}

function at(name: string | number, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw within(error, name);
  }
}

function delimited(writer: BinaryWriter, number: number, write: () => void): void {
  writer.tag(number, WireType.LengthDelimited).fork();
  write();
  writer.join();
}

function writeItem(writer: BinaryWriter, number: number, kind: ItemKind, value: unknown): void {
  if (typeof kind === 'object') {
    if ('names' in kind) writer.tag(number, WireType.Varint).int32(enumNumber(kind, value));
    else delimited(writer, number, () => writeMessage(writer, kind, value));
    return;
  }
  switch (kind) {
    case 'string':
      writer.tag(number, WireType.LengthDelimited).string(textOf(value));
      return;
    case 'bytes':
      writer.tag(number, WireType.LengthDelimited).bytes(bytesOf(value));
      return;
    case 'bool':
      if (typeof value !== 'boolean') throw new ProtoError('boolean expected');
      writer.tag(number, WireType.Varint).bool(value);
      return;
    case 'int32':
      writer.tag(number, WireType.Varint).int32(int32Of(value));
      return;
    case 'struct':
      delimited(writer, number, () => writeStruct(writer, value, 1));
      return;
    case 'value':
      delimited(writer, number, () => writeValue(writer, value, 0));
      return;
    case 'timestamp':
      delimited(writer, number, () => writeTimestamp(writer, value));
      return;
  }
}

/** A lone surrogate is no text in UTF-8; protobuf refuses it, and so do we rather than send another. */
function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new ProtoError('string expected');
  if (/\p{Surrogate}/u.test(value)) throw new ProtoError('unicode');
  return value;
}

/** Both alphabets, padded or not, as ProtoJSON takes them. */
function bytesOf(value: unknown): Uint8Array {
  if (typeof value !== 'string') throw new ProtoError('base64 expected');
  try {
    return base64Decode(value);
  } catch {
    throw new ProtoError('base64 expected');
  }
}

function int32Of(value: unknown): number {
  const number = typeof value === 'string' && /^-?\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || (number | 0) !== number) throw new ProtoError('integer expected');
  return number;
}

function enumNumber({ numbers }: EnumType, value: unknown): number {
  const number = typeof value === 'string' ? numbers.get(value) : value;
  if (typeof number !== 'number' || (number | 0) !== number) throw new ProtoError('unknown name');
  return number;
}

function writeStruct(writer: BinaryWriter, value: unknown, depth: number): void {
  if (!isRecord(value)) throw new ProtoError('object expected');
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    delimited(writer, 1, () => {
      writer.tag(1, WireType.LengthDelimited).string(textOf(key));
      delimited(writer, 2, () => writeValue(writer, item, depth));
    });
  }
}

function writeValue(writer: BinaryWriter, value: unknown, depth: number): void {
  if (depth > maxJsonDepth) throw new ProtoError('nesting');
  if (value === null) writer.tag(1, WireType.Varint).int32(0);
  else if (typeof value === 'number') writer.tag(2, WireType.Bit64).double(finite(value));
  else if (typeof value === 'string') writer.tag(3, WireType.LengthDelimited).string(textOf(value));
  else if (typeof value === 'boolean') writer.tag(4, WireType.Varint).bool(value);
  else if (Array.isArray(value)) delimited(writer, 6, () => writeList(writer, value, depth + 1));
  else delimited(writer, 5, () => writeStruct(writer, value, depth + 1));
}

/** A text such as 1e400 is JSON, and no number that a Value may have. */
function finite(number: number): number {
  if (!Number.isFinite(number)) throw new ProtoError('number');
  return number;
}

function writeList(writer: BinaryWriter, items: readonly unknown[], depth: number): void {
  for (const item of items) delimited(writer, 1, () => writeValue(writer, item, depth));
}

function writeTimestamp(writer: BinaryWriter, value: unknown): void {
  const { seconds, nanos } = parseTimestamp(textOf(value));
  writer.tag(1, WireType.Varint).int64(seconds);
  writer.tag(2, WireType.Varint).int32(nanos);
}
