import { isRecord } from '../../protocol/json.ts';
import type { JsonObject } from '../core-call.ts';
import { objectAt, type Place, textAt, within } from './place.ts';

/** Members of a core part that text and data parts of 0.3 have no place for, by the name they have in its metadata there. */
const keptAs = {
  mediaType: 'a2a-gateway:mediaType',
  filename: 'a2a-gateway:filename',
} as const;

const keptMembers = Object.entries(keptAs);

/** Says of a 0.3 data part that its `data` is `{value}` around what no object is. The official SDKs' name. */
const wrappedDataFlag = 'data_part_compat';

/** What a data part is about, and the metadata of the part. */
export interface PartData {
  data: unknown;
  metadata?: unknown;
}

/** The same in 0.3, where `data` is an object, so anything else goes inside of one, as the official SDKs do it. */
export function wrappedData(data: unknown, { metadata }: { metadata?: JsonObject }): PartData {
  if (!isRecord(data)) return { data: { value: data }, metadata: { ...metadata, [wrappedDataFlag]: true } };
  return metadata === undefined ? { data } : { data, metadata };
}

/** The same without the wrapping, where there is one. */
export function unwrappedData(given: PartData): PartData {
  const { data, metadata } = given;
  if (!isRecord(metadata) || metadata[wrappedDataFlag] !== true) return given;
  if (!isRecord(data) || Object.keys(data).join() !== 'value' || isRecord(data.value)) return given;
  return { data: data.value, ...withoutNames(metadata, [wrappedDataFlag]) };
}

/** The metadata of a 0.3 part that keeps what the core part has and 0.3 has not; absent where there is none. */
export function keepingMetadata(part: JsonObject, at: Place): { metadata?: JsonObject } {
  const metadata = metadataOf(part, at);
  const kept = keptMembers.filter(([member]) => (part[member] ?? '') !== '');
  if (kept.length === 0) return metadata === undefined ? {} : { metadata };
  const texts = kept.map(([member, name]) => [name, textAt(part[member], within(at, member))]);
  return { metadata: { ...metadata, ...Object.fromEntries(texts) } };
}

/** What a 0.3 part's metadata keeps as the core members, and the metadata without; absent where nothing is left. */
export function restoredMembers(part: { metadata?: unknown }, at: Place): JsonObject {
  const metadata = metadataOf(part, at);
  if (metadata === undefined) return {};
  const kept = keptMembers.filter(([, name]) => typeof metadata[name] === 'string' && metadata[name] !== '');
  const members = Object.fromEntries(kept.map(([member, name]) => [member, metadata[name]]));
  const names = kept.map(([, name]) => name);
  return { ...members, ...withoutNames(metadata, names) };
}

/** `{metadata}` without some of its names; absent where nothing is left because of that. */
function withoutNames(metadata: JsonObject, names: readonly string[]): { metadata?: JsonObject } {
  if (names.length === 0) return { metadata };
  const left = Object.entries(metadata).filter(([name]) => !names.includes(name));
  return left.length === 0 ? {} : { metadata: Object.fromEntries(left) };
}

function metadataOf({ metadata }: { metadata?: unknown }, at: Place): JsonObject | undefined {
  return metadata === undefined || metadata === null ? undefined : objectAt(metadata, within(at, 'metadata'));
}
