import { fromBase64 } from '../protocol/bytes.ts';

/** A block of PEM (RFC 7468). */
export interface PemBlock {
  /** `CERTIFICATE`, `PRIVATE KEY`, … */
  label: string;
  bytes: Uint8Array;
}

const block = /-----BEGIN ([A-Z0-9 ]{1,64})-----\s([A-Za-z0-9+/=\s]*)-----END \1-----\s*/y;

/**
 * The blocks of a text that holds nothing else but white space: what people write around them, and what a broken block
 * leaves over, may be what nobody is to see. Undefined for any other text, for headers inside a block (RFC 1421) and for
 * base64 that is none.
 */
export function parsePem(text: string): PemBlock[] | undefined {
  const trimmed = text.trim();
  const blocks: PemBlock[] = [];
  for (block.lastIndex = 0; block.lastIndex < trimmed.length; ) {
    const [, label = '', base64 = ''] = block.exec(trimmed) ?? [];
    const bytes = label === '' ? undefined : fromBase64(base64);
    if (bytes === undefined) return undefined;
    blocks.push({ label, bytes });
  }
  return blocks;
}
