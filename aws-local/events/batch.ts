import type { LocalFunction } from '../lambda/function-pool.ts';

/** Invokes a function with records, and answers which of them it says failed. @throws FunctionError */
export async function invokeWith(
  localFunction: LocalFunction,
  records: readonly unknown[],
): Promise<ReadonlySet<string>> {
  const answer = await localFunction.invoke({ Records: records });
  if (answer.mode === 'streaming') {
    answer.close();
    return new Set();
  }
  const parsed: unknown = JSON.parse(answer.body.toString() || 'null');
  const failures = typeof parsed === 'object' && parsed !== null && Reflect.get(parsed, 'batchItemFailures');
  if (!Array.isArray(failures)) return new Set();
  return new Set(failures.map((failure: { itemIdentifier?: unknown }) => String(failure.itemIdentifier)));
}

/** Until then, or until it is closed. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(end, ms);
    function end(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    }
    signal.addEventListener('abort', end);
  });
}
