import { utf8Length } from '../protocol/bytes.ts';
import type { CallNote } from './route.ts';

/** A body that is about to be answered, its bytes noted. */
export function counted({ note }: { note: CallNote }, body: string): string {
  note.responseBytes = utf8Length(body);
  return body;
}
