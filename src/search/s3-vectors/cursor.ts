import * as z from 'zod';

/** How far a fill is; it goes on in another process. */
export interface FillCursor {
  /** Of the set that is filled: what is left of another model's fill means nothing here. */
  indexName: string;
  /** First the agents of the registry, then what the index holds beyond them. */
  phase: 'agents' | 'strays';
  /** The last agent's id, or S3 Vectors' token. */
  after?: string;
  /** Agents looked at. */
  done: number;
}

const cursorSchema = z.strictObject({
  indexName: z.string().max(63),
  phase: z.enum(['agents', 'strays']),
  after: z.string().max(10_000).optional(),
  done: z.int().min(0),
});

export function toCursorText(cursor: FillCursor): string {
  return JSON.stringify(cursor);
}

/** From the beginning, where the text is none or is of another index. */
export function fromCursorText(text: string | undefined, indexName: string): FillCursor {
  const beginning: FillCursor = { indexName, phase: 'agents', done: 0 };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text ?? '');
  } catch {
    return beginning;
  }
  const { success, data } = cursorSchema.safeParse(parsed);
  if (!success || data.indexName !== indexName) return beginning;
  const { after, ...rest } = data;
  return { ...rest, ...(after !== undefined && { after }) };
}
