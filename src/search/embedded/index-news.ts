import type { VectorSet } from '../search-index.ts';

/** What the thread tells unasked. */
export type ThreadNews =
  /** The set that serves from now on; undefined: none. */
  | { serving: VectorSet | undefined }
  | { log: { level: 'debug' | 'info' | 'warn' | 'error'; event: string; fields: Record<string, string> } };
