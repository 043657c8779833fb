import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadSealingKeyFile, parseSealingKey, SealingKeyError } from './key-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'key-file-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytes = Uint8Array.from({ length: 32 }, (_, n) => n * 8 + 3);
const hex = Buffer.from(bytes).toString('hex');

it('reads a key in hex, base64 and base64url', () => {
  const spellings = [hex, hex.toUpperCase(), ...(['base64', 'base64url'] as const).map(spelled), ` ${hex}\n`];
  for (const text of spellings) expect(parseSealingKey(text, 'setting')).toEqual(bytes);
});

function spelled(encoding: 'base64' | 'base64url'): string {
  return Buffer.from(bytes).toString(encoding);
}

it('refuses a key of another length or spelling without repeating it', () => {
  const wrong = [hex.slice(2), `${hex}00`, `${hex.slice(1)}g`, spelled('base64').slice(4), 'hunter2', ''];
  for (const text of wrong) {
    const refusal = errorOf(() => parseSealingKey(text, 'SETTING'));
    expect(refusal).toBeInstanceOf(SealingKeyError);
    expect(refusal.message.startsWith('SETTING: ')).toBe(true);
    if (text !== '') expect(refusal.message).not.toContain(text);
  }
});

it('makes a key at first and finds it again', () => {
  const path = join(folder, 'data', 'sealing.key');
  const made = loadSealingKeyFile(path);
  expect(made).toHaveLength(32);
  expect(loadSealingKeyFile(path)).toEqual(made);
  expect(parseSealingKey(readFileSync(path, 'utf8'), 'file')).toEqual(made);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'data')).mode & 0o777).toBe(0o700);
  expect(readdirSync(join(folder, 'data'))).toEqual(['sealing.key']);
});

it('makes another key in another file', () => {
  expect(loadSealingKeyFile(join(folder, 'a'))).not.toEqual(loadSealingKeyFile(join(folder, 'b')));
});

it('refuses a key file that group or others may read or write', () => {
  const path = join(folder, 'key');
  writeFileSync(path, hex, { mode: 0o600 });
  for (const mode of [0o640, 0o604, 0o660, 0o644, 0o610]) {
    chmodSync(path, mode);
    expect(errorOf(() => loadSealingKeyFile(path))).toBeInstanceOf(SealingKeyError);
  }
  for (const mode of [0o600, 0o400]) {
    chmodSync(path, mode);
    expect(loadSealingKeyFile(path)).toEqual(bytes);
  }
});

it('refuses a file that holds no key, and leaves it as it is', () => {
  const path = join(folder, 'key');
  for (const text of ['', hex.slice(2), 'x'.repeat(10_000)]) {
    writeFileSync(path, text, { mode: 0o600 });
    expect(errorOf(() => loadSealingKeyFile(path))).toBeInstanceOf(SealingKeyError);
    expect(readFileSync(path, 'utf8')).toBe(text);
  }
});

it('refuses a folder in its place and a path below a file, in one line', () => {
  mkdirSync(join(folder, 'key'), { mode: 0o700 });
  writeFileSync(join(folder, 'file'), '');
  for (const path of [join(folder, 'key'), join(folder, 'file', 'key')]) {
    const refusal = errorOf(() => loadSealingKeyFile(path));
    expect(refusal).toBeInstanceOf(SealingKeyError);
    expect(refusal.message).toContain(path);
    expect(refusal.message).not.toContain('\n');
  }
});

function errorOf(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}
