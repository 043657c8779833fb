import { StoreError, type StoreProblem } from '../store-error.ts';

const byPrefix: readonly [prefix: string, problem: StoreProblem, words: string][] = [
  ['SQLITE_BUSY', 'busy', 'locked by another process'],
  ['SQLITE_LOCKED', 'busy', 'locked by another process'],
  ['SQLITE_FULL', 'full', 'no space left'],
  ['SQLITE_READONLY', 'read_only', 'not writable'],
  ['SQLITE_CORRUPT', 'corrupt', 'damaged'],
  ['SQLITE_NOTADB', 'corrupt', 'not a database'],
];

/**
 * What libsql threw, as a {@link StoreError} with the original as its cause. A `StoreError` or `TypeError` passes
 * as it is.
 */
export function toStoreError(error: unknown, path: string): unknown {
  if (error instanceof StoreError || error instanceof TypeError) return error;
  const code = codeOf(error);
  const [, problem, words] = byPrefix.find(([prefix]) => code.startsWith(prefix)) ?? [
    code,
    'failed' as const,
    'the statement failed',
  ];
  return new StoreError(problem, `database ${path}: ${words} (${code})`, { cause: error });
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'no code';
}
