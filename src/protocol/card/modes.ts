import type { CardReader, Found } from './reader.ts';
import { readOptionalItems, readText } from './text.ts';

const mediaType = /^[a-z0-9!#$&^_.+-]+\/(?:\*|[a-z0-9!#$&^_.+-]+)(?:\s*;.*)?$/i;

/** What cards say where a media type belongs. Kinds of part come from the names of the parts in 0.x (§4.1.6). */
const words: ReadonlyMap<string, string> = new Map([
  ['text', 'text/plain'],
  ['string', 'text/plain'],
  ['plain', 'text/plain'],
  ['markdown', 'text/markdown'],
  ['md', 'text/markdown'],
  ['html', 'text/html'],
  ['csv', 'text/csv'],
  ['json', 'application/json'],
  ['data', 'application/json'],
  ['xml', 'application/xml'],
  ['yaml', 'application/yaml'],
  ['pdf', 'application/pdf'],
  ['file', 'application/octet-stream'],
  ['binary', 'application/octet-stream'],
  ['image', 'image/*'],
  ['png', 'image/png'],
  ['jpeg', 'image/jpeg'],
  ['jpg', 'image/jpeg'],
  ['audio', 'audio/*'],
  ['voice', 'audio/*'],
  ['video', 'video/*'],
]);

/** The media types of a list, each once; a word that means one is read as it, any other text is dropped. */
export function readModes(reader: CardReader, found: Found): string[] {
  const modes = readOptionalItems(reader, found, reader.limits.maxModes)
    .map((item) => readMode(reader, item))
    .filter((mode) => mode !== undefined);
  return [...new Set(modes)];
}

/** {@link readModes}, or plain text where the card names no mode: the one every agent can take. */
export function readDefaultModes(reader: CardReader, found: Found): string[] {
  const modes = readModes(reader, found);
  if (modes.length > 0) return modes;
  reader.warn(found, 'member_missing');
  return ['text/plain'];
}

function isMediaType(text: string): boolean {
  return text === '*/*' || mediaType.test(text);
}

function readMode(reader: CardReader, item: Found): string | undefined {
  const text = readText(reader, item, { kind: 'line', maxLength: reader.limits.maxNameLength });
  if (text === undefined || isMediaType(text)) return text;
  const meant = words.get(text.toLowerCase());
  reader.warn(item, meant === undefined ? 'value_dropped' : 'mode_respelled');
  return meant;
}
