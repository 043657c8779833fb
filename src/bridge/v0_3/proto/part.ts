import { isRecord } from '../../../protocol/json.ts';
import type { JsonObject } from '../../core-call.ts';
import { keepingMetadata, restoredMembers, unwrappedData, wrappedData } from '../part-metadata.ts';
import { objectAt, type Place, refuse, textAt, within } from '../place.ts';
import { picked, type Shape, unlessEmpty } from '../shape.ts';
import { createProtoShape } from './shape.ts';

/**
 * Parts of messages and artifacts (A2A §4.1.6, 0.3 proto). 0.3 nests a file and a data object where 1.0 has all members
 * side by side.
 */

const contents = ['text', 'file', 'data'] as const;
const coreContents = ['text', 'raw', 'url', 'data'] as const;
const coreNames = [...coreContents, 'filename', 'mediaType', 'metadata'];

/** What is around the content. */
const around = createProtoShape([], { onlyIn0_3: [...contents, 'metadata'], onlyInCore: coreNames });

const file = createProtoShape(
  [
    { name: 'fileWithUri', coreName: 'url', toCore: textAt, fromCore: textAt },
    // As given: a proto reads both alphabets of base64, and how often the content was encoded before nobody can tell.
    { name: 'fileWithBytes', coreName: 'raw', toCore: textAt, fromCore: textAt },
    { name: 'mimeType', coreName: 'mediaType', fromCore: unlessEmpty },
    { name: 'name', coreName: 'filename', fromCore: unlessEmpty },
  ],
  { onlyInCore: coreNames },
);

/** The `data` of a data part, in which the data stands once more. */
const dataAround = createProtoShape([], { onlyIn0_3: ['data'], onlyInCore: coreNames });

export const part: Pick<Shape, 'toCore' | 'fromCore'> = { toCore, fromCore };

function toCore(value: unknown, at: Place): JsonObject {
  const given = objectAt(value, at);
  const outside = around.toCore(given, at);
  switch (onlyOne(given, contents, at) ?? refuse(at, 'has no content')) {
    case 'text':
      return { ...outside, text: textAt(given.text, within(at, 'text')), ...restoredMembers(given, at) };
    case 'file':
      return { ...toCoreFile(given.file, within(at, 'file')), ...outside, ...metadataOf(given) };
    case 'data': {
      const inside = dataAround.toCore(given.data, within(at, 'data'));
      const unwrapped = unwrappedData({ data: innerData(given), metadata: given.metadata });
      return { ...inside, ...outside, data: unwrapped.data, ...restoredMembers(unwrapped, at) };
    }
  }
}

function fromCore(value: unknown, at: Place): JsonObject {
  const given = objectAt(value, at);
  const outside = around.fromCore(given, at);
  const nulled = Object.hasOwn(given, 'data') ? 'data' : undefined; // There `null` is a value.
  switch (onlyOne(given, coreContents, at) ?? nulled ?? refuse(at, 'has no content')) {
    case 'text':
      return { ...outside, text: textAt(given.text, within(at, 'text')), ...keepingMetadata(given, at) };
    case 'data': {
      const { data, ...about } = wrappedData(given.data, keepingMetadata(given, at));
      return { ...outside, data: { data }, ...about };
    }
    default:
      return {
        ...outside,
        file: file.fromCore(picked(given, coreNames.slice(0, -1)), at),
        ...metadataOf(given),
      };
  }
}

/** The one of the members that is given, `null` being absence. */
function onlyOne<T extends string>(given: JsonObject, names: readonly T[], at: Place): T | undefined {
  const [one, another] = names.filter((name) => (given[name] ?? null) !== null);
  return another === undefined ? one : refuse(at, 'has two contents');
}

function metadataOf({ metadata = null }: JsonObject): JsonObject {
  return metadata === null ? {} : { metadata };
}

function toCoreFile(value: unknown, at: Place): JsonObject {
  const translated = file.toCore(value, at);
  const isOne = (translated.url === undefined) !== (translated.raw === undefined);
  return isOne ? translated : refuse(at, 'has not one of fileWithUri and fileWithBytes');
}

/** The data itself, an empty object where ProtoJSON leaves it out. */
function innerData({ data }: JsonObject): unknown {
  return isRecord(data) ? (data.data ?? {}) : {};
}
