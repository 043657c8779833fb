import { GatewayError, metadataOf } from '../../failure.ts';

/** A seed that is not carried out; the message is for whoever deploys, and holds no secret. */
export class SeedError extends Error {
  override readonly name = 'SeedError';
}

export function changedMeanwhile(): SeedError {
  return new SeedError('was changed at the same time; try again');
}

/** Adds to whatever stops the work on one agent or permission which of them it was. */
export async function naming<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new SeedError(`${what}: ${wordsOf(cause)}`, { cause });
  }
}

/** The failure's public words; of what was not foreseen, none: it may quote anything. */
function wordsOf(cause: unknown): string {
  if (cause instanceof SeedError) return cause.message;
  if (!(cause instanceof GatewayError)) return 'failed; the log of the function says why';
  const evidence = Object.entries(metadataOf(cause.failure)).map(([name, value]) => `, ${name}: ${value}`);
  return cause.failure.code + evidence.join('');
}
