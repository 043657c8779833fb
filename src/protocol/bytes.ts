/**
 * Bytes that come in pieces, held as one. An array of the pieces costs some hundred bytes for each, so that a sender who
 * sends a byte at a time would take a hundred times the memory any limit on size allows.
 */
export class GatheredBytes<Kind extends ArrayBufferLike = ArrayBufferLike> {
  /** The first piece itself, until another comes: most answers are one. */
  #room: Uint8Array<Kind | ArrayBuffer> = new Uint8Array();
  #isOwnRoom = false;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The piece is not to change afterwards. */
  push(piece: Uint8Array<Kind>): void {
    const length = this.#length + piece.length;
    if (this.#length === 0) {
      this.#room = piece;
      this.#isOwnRoom = false;
    } else {
      if (!this.#isOwnRoom || length > this.#room.length) this.#grow(length);
      this.#room.set(piece, this.#length);
    }
    this.#length = length;
  }

  /** What is held, and stays so. */
  peek(): Uint8Array<Kind | ArrayBuffer> {
    return this.#room.subarray(0, this.#length);
  }

  /** What was held, and is no more. */
  take(): Uint8Array<Kind | ArrayBuffer> {
    const taken = this.peek();
    this.#room = new Uint8Array();
    this.#length = 0;
    return taken;
  }

  /** Doubled, so that a byte is copied twice at most, whatever the pieces. */
  #grow(length: number): void {
    const room = new Uint8Array(Math.max(length, 2 * this.#length));
    room.set(this.peek());
    this.#room = room;
    this.#isOwnRoom = true;
  }
}

const encoder = new TextEncoder();
const scratch = new Uint8Array(16_384);

/** How many bytes a text is in UTF-8, a lone surrogate as U+FFFD. Holds no more of them than a few, and so costs less than encoding it. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let from = 0; from < text.length; ) {
    const { read, written } = encoder.encodeInto(from === 0 ? text : text.slice(from), scratch);
    from += read;
    bytes += written;
  }
  return bytes;
}

/** As many arguments as any engine takes. */
const charsAtOnce = 8_192;

/** Base64 (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.length; from += charsAtOnce)
    text += String.fromCharCode(...bytes.subarray(from, from + charsAtOnce));
  return btoa(text);
}

/** Undefined for what is no base64 (RFC 4648 §4); white space in it does not matter. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  const characters = decoded(text);
  if (characters === undefined) return undefined;
  const bytes = new Uint8Array(characters.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = characters.charCodeAt(index);
  return bytes;
}

function decoded(base64: string): string | undefined {
  try {
    return atob(base64);
  } catch {
    return undefined;
  }
}

/** Base64url without padding (RFC 4648 §5). */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Undefined for what `toBase64Url` does not make: no two texts have the same bytes. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]*$/.test(text)) return undefined;
  const bytes = fromBase64(text.replaceAll('-', '+').replaceAll('_', '/'));
  if (bytes === undefined) return undefined;
  // Only in the last group are there bits that no byte has.
  const lastGroup = toBase64Url(bytes.subarray(bytes.length - (bytes.length % 3)));
  return text.endsWith(lastGroup) ? bytes : undefined;
}

/** SHA-256 of a text in UTF-8, as 64 hexadecimal digits. */
export async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', encoder.encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
