import { maxIdChars } from '../protocol/guarded.ts';

/**
 * What an agent may take a context's id for that does not go by its letters: databases compare without case and space
 * around, and what reads UUIDs takes each in many spellings. Most ids are their own. Does not know every collation, such as
 * those without accents.
 */
export function readingOf(contextId: string): string {
  const text = contextId.normalize('NFKC').trim().toLowerCase().slice(0, maxIdChars);
  const digits = text.replace(/^(?:urn:)?(?:uuid:)?/, '').replace(/[{}-]/g, '');
  const uuid = /^([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})$/.exec(digits);
  if (uuid !== null) return uuid.slice(1).join('-');
  return text === '' ? contextId : text;
}
