import type { JsonObject } from '../core-call.ts';
import { keepingMetadata, restoredMembers, unwrappedData, wrappedData } from './part-metadata.ts';
import { objectAt, type Place, refuse, textAt, within } from './place.ts';
import { createShape, picked, unlessEmpty } from './shape.ts';

/**
 * Parts of messages and artifacts (A2A §4.1.6, 0.3 §6.5). 0.3 says by `kind` what a part is; 1.0 by which one of four
 * members it has, and knows a media type and a file name of each.
 */

const contentNames = ['text', 'raw', 'url', 'data'] as const;
const coreNames = [...contentNames, 'filename', 'mediaType', 'metadata'];
const namesIn0_3 = ['text', 'file', 'data', 'metadata'];

const textPart = createShape([{ name: 'text', toCore: textAt, fromCore: textAt, required: true }], {
  kind: 'text',
  onlyIn0_3: namesIn0_3,
  onlyInCore: coreNames,
});

/** What is around the `data` of a data part and the `file` of a file part. */
const dataPart = createShape([], { kind: 'data', onlyIn0_3: namesIn0_3, onlyInCore: coreNames });
const filePart = createShape([{ name: 'metadata' }], {
  kind: 'file',
  onlyIn0_3: namesIn0_3,
  onlyInCore: coreNames,
});

/** The `file` of a 0.3 file part. */
const file = createShape(
  [
    { name: 'bytes', coreName: 'raw', toCore: textAt, fromCore: standardBase64 },
    { name: 'uri', coreName: 'url', toCore: textAt, fromCore: textAt },
    { name: 'mimeType', coreName: 'mediaType', fromCore: unlessEmpty },
    { name: 'name', coreName: 'filename', fromCore: unlessEmpty },
  ],
  { onlyInCore: coreNames },
);

/** A part of 0.3 in core. */
export function toCorePart(value: unknown, at: Place): JsonObject {
  const part = objectAt(value, at);
  switch (part.kind) {
    case 'text':
      return { ...textPart.toCore(part, at), ...restoredMembers(part, at) };
    case 'file':
      return { ...toCoreFile(part.file, within(at, 'file')), ...filePart.toCore(part, at) };
    case 'data': {
      if (!Object.hasOwn(part, 'data')) refuse(within(at, 'data'), 'is missing');
      const unwrapped = unwrappedData({ data: part.data, metadata: part.metadata });
      return { ...dataPart.toCore(part, at), data: unwrapped.data, ...restoredMembers(unwrapped, at) };
    }
    default:
      return refuse(within(at, 'kind'), 'is no kind of part');
  }
}

/** A part of core in 0.3. */
export function fromCorePart(value: unknown, at: Place): JsonObject {
  const part = objectAt(value, at);
  switch (contentOf(part, at)) {
    case 'text':
      return { ...textPart.fromCore(part, at), ...keepingMetadata(part, at) };
    case 'data':
      return { ...dataPart.fromCore(part, at), ...wrappedData(part.data, keepingMetadata(part, at)) };
    default:
      return { ...filePart.fromCore(part, at), file: file.fromCore(picked(part, coreNames), at) };
  }
}

/** Which of its contents a core part has. `null` is a value of `data`, and absence elsewhere. */
function contentOf(part: JsonObject, at: Place): (typeof contentNames)[number] {
  const given = contentNames.filter((name) => (part[name] ?? null) !== null);
  const [content = Object.hasOwn(part, 'data') ? 'data' : undefined, another] = given;
  if (content === undefined) return refuse(at, 'has no content');
  return another === undefined ? content : refuse(at, 'has two contents');
}

function toCoreFile(value: unknown, at: Place): JsonObject {
  const { bytes = null, uri = null } = objectAt(value, at);
  if ((bytes === null) === (uri === null)) refuse(at, 'has not one of bytes and uri');
  return file.toCore(value, at);
}

/** ProtoJSON takes both alphabets of base64, with or without padding; 0.3 names the one of RFC 4648 §4. */
function standardBase64(value: unknown, at: Place): string {
  const text = textAt(value, at);
  const standard = /[-_]/.test(text) ? text.replaceAll('-', '+').replaceAll('_', '/') : text;
  return standard.padEnd(Math.ceil(standard.length / 4) * 4, '=');
}
