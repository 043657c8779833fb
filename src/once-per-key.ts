import { LRUCache } from 'lru-cache';

/** Answers what is kept under a key, or makes it: once for all who ask meanwhile. */
export type OncePerKey<T> = (key: string, make: () => Promise<T>) => Promise<T>;

/**
 * What never changes under its key, made once and kept; the least recently used goes first. What fails, or is not worth
 * keeping, is made again for who asks next.
 */
export function oncePerKey<T>(max: number, isKept: (value: T) => boolean = () => true): OncePerKey<T> {
  const kept = new LRUCache<string, Promise<T>>({ max });
  return (key, make) => {
    const known = kept.get(key);
    if (known !== undefined) return known;
    const making = make();
    kept.set(key, making);
    const forget = () => {
      if (kept.peek(key) === making) kept.delete(key);
    };
    making.then((value) => isKept(value) || forget(), forget);
    return making;
  };
}
