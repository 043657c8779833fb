/**
 * What `next` yields, as a loop takes it. Leaving the loop always calls `leave`: a generator that is left before its first
 * step would not let go of what it holds.
 */
export function pulled<T>(
  next: () => Promise<IteratorResult<T, undefined>>,
  leave: () => void,
): AsyncIterableIterator<T, undefined> {
  return {
    next,
    return: async () => {
      leave();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
