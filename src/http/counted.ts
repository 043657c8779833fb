import type { CallNote } from './route.ts';

const encoder = new TextEncoder();

/** A body that is about to be answered, its bytes noted. */
export function counted({ note }: { note: CallNote }, body: string): string {
  note.responseBytes = encoder.encode(body).length;
  return body;
}
