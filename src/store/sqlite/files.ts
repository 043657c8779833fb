import { accessSync, closeSync, constants, fsyncSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Creates the folder that holds `path`, for this user alone, when there is none. */
export function ensureFolderOf(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
}

/** Makes a new name in a folder survive a power cut: syncing the file alone does not keep its directory entry. */
export function syncFolderOf(path: string): void {
  // Windows opens no directories; its file systems keep the entry with the file.
  if (process.platform === 'win32') return;
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/**
 * Creates an empty file for this user alone (0600) unless one is there. An existing file is never opened here:
 * closing it would drop the locks that SQLite holds on it elsewhere in the process.
 */
export function ensurePrivateFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return;
    throw error;
  }
  syncFolderOf(path);
}

/** @throws the system's error unless `path` is a regular file this process may read and write. */
export function checkWritableFile(path: string): void {
  if (statSync(path).isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
  accessSync(path, constants.R_OK | constants.W_OK);
}

const words: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  EEXIST: 'a part of the path is not a folder',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left',
};

/** A system error in words for people; its code where there are none. */
export function problemOf(error: unknown): string {
  const code = errnoOf(error);
  return words[code] ?? code;
}

/** The code of a system error, `unknown error` for anything else. */
export function errnoOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown error';
}
