import { StoreError } from '../store-error.ts';
import { parsedOf } from './item.ts';

/** Bytes of a document in one item: DynamoDB takes 400 KB, and the item holds an agent's tags beside it. */
export const maxItemBytes = 350_000;
/** 4 MB is what a transaction holds; the rest of it is for index entries. */
export const maxParts = 8;

/**
 * The entity as JSON in UTF-8, in one part where it fits an item.
 * @param mostParts more than 8, 2 800 000 bytes, only where they are not written in one transaction
 * @throws StoreError `too_large` for more parts
 */
export function toParts(entity: unknown, partBytes = maxItemBytes, mostParts = maxParts): Uint8Array[] {
  const bytes = new TextEncoder().encode(JSON.stringify(entity));
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += partBytes) parts.push(bytes.subarray(at, at + partBytes));
  if (parts.length <= mostParts) return parts;
  const most = mostParts * partBytes;
  throw new StoreError('too_large', `a document of ${bytes.length} bytes; the table takes ${most}`);
}

/**
 * The entity that `toParts` was given.
 * @throws StoreError `corrupt`
 */
export function fromParts(parts: readonly Uint8Array[]): unknown {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  // A character may lie across two parts.
  const text = parts.map((part) => decoder.decode(part, { stream: true })).join('') + decoder.decode();
  return parsedOf(text);
}
