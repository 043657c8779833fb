import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { ensureFolderOf, errnoOf, problemOf, syncFolderOf } from './files.ts';

const keyBytes = 32;
/** Longer than any spelling of a key; nothing past it is read. */
const maxKeyFileBytes = 256;
const groupAndOthers = 0o077;

/** The sealing key cannot be used. The message is one line for an operator and never holds the key. */
export class SealingKeyError extends Error {
  override readonly name = 'SealingKeyError';
}

/**
 * A sealing key from a setting: 32 bytes in hex, base64 or base64url, white space around it ignored.
 *
 * @param source what to name in the message, such as the setting's name
 * @throws SealingKeyError
 */
export function parseSealingKey(text: string, source: string): Uint8Array {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Uint8Array.from(Buffer.from(trimmed, 'hex'));
  if (/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return Uint8Array.from(Buffer.from(trimmed, 'base64'));
  throw new SealingKeyError(`${source}: the sealing key must be ${keyBytes} bytes in base64 or hex`);
}

/**
 * The sealing key kept in a file, made at the first start. A new file has mode 0600 and appears whole or not at all;
 * of several processes starting at once all get the one key. On Windows the mode is not checked.
 *
 * @throws SealingKeyError if the file cannot be read or made, is not a regular file, is open to group or others, or
 *   does not hold 32 bytes in base64 or hex
 */
export function loadSealingKeyFile(path: string): Uint8Array {
  try {
    return readKeyFile(path) ?? createKeyFile(path);
  } catch (error) {
    if (error instanceof SealingKeyError) throw error;
    throw new SealingKeyError(`cannot use the key file ${path}: ${problemOf(error)}`, { cause: error });
  }
}

function readKeyFile(path: string): Uint8Array | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    // The open file is judged, not its name: the name may lead elsewhere a moment later.
    checkKeyFile(path, fstatSync(file));
    return parseSealingKey(readFileSync(file, 'utf8'), `key file ${path}`);
  } finally {
    closeSync(file);
  }
}

function checkKeyFile(path: string, stats: Stats): void {
  if (!stats.isFile()) throw new SealingKeyError(`key file ${path}: not a regular file`);
  if (process.platform !== 'win32' && (stats.mode & groupAndOthers) !== 0) {
    throw new SealingKeyError(`key file ${path}: open to group or others; run chmod 600 ${path}`);
  }
  if (stats.size > maxKeyFileBytes) throw new SealingKeyError(`key file ${path}: too long for a key`);
}

/** A hard link takes the name only if it is free, so a key made by another process is never overwritten. */
function createKeyFile(path: string): Uint8Array {
  ensureFolderOf(path);
  const temporary = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    writeDurably(temporary, `${randomBytes(keyBytes).toString('base64')}\n`);
    linkUnlessThere(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
  syncFolderOf(path);
  const key = readKeyFile(path);
  if (key === undefined) throw new SealingKeyError(`key file ${path}: removed while it was made`);
  return key;
}

function writeDurably(path: string, text: string): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function linkUnlessThere(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}
