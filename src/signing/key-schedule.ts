const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

/**
 * A new key signs nothing before it is this old, if there is another: by then everybody can know it. A list of Secrets
 * Manager may be five minutes behind, ours is kept for one, and backends keep a key set for five.
 */
export const maturesAfterMs = 15 * minuteMs;
/** A key this old is to be followed by another. */
export const rotatesAfterMs = 90 * dayMs;
/** How long a key that signs no more stays published: far longer than any token lives and any card is kept by its reader. */
export const retiresAfterMs = dayMs;

/** What is to be done with the keys there are. */
export interface KeySchedule<Key> {
  /** Undefined where there is no key. */
  signing: Key | undefined;
  published: readonly Key[];
  /** Of no use to anyone. */
  retired: readonly Key[];
  /** Whether another key is to be made. */
  isDue: boolean;
}

/**
 * The newest mature key signs, or, while none is, the one published longest. Depends on ages alone, so that all who see
 * the same keys at the same time agree. Keys of equal age are told apart by name.
 */
export function scheduleOf<Key extends { name: string; createdAtMs: number }>(
  keys: readonly Key[],
  nowMs: number,
): KeySchedule<Key> {
  const newestFirst = keys.toSorted(
    (one, other) => other.createdAtMs - one.createdAtMs || (one.name < other.name ? -1 : 1),
  );
  const isMature = ({ createdAtMs }: Key) => nowMs - createdAtMs >= maturesAfterMs;
  // Of the newer keys the one next to it was the first to take its place.
  const isRetired = (_: Key, index: number) => {
    const successor = newestFirst[index - 1];
    return successor !== undefined && nowMs - successor.createdAtMs >= maturesAfterMs + retiresAfterMs;
  };
  const newest = newestFirst[0];
  return {
    signing: newestFirst.find(isMature) ?? newestFirst.at(-1),
    published: newestFirst.filter((key, index) => !isRetired(key, index)),
    retired: newestFirst.filter(isRetired),
    isDue: newest === undefined || nowMs - newest.createdAtMs >= rotatesAfterMs,
  };
}
