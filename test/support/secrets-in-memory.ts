import type { Secrets } from '../../src/ports.ts';

/** Secrets that are gone with the test. */
export function secretsInMemory(): Secrets {
  const kept = new Map<string, { value: string; createdAtMs: number }>();
  const put = (name: string, value: string) => kept.set(name, { value, createdAtMs: 0 });
  return {
    put: async (name, value) => void put(name, value),
    create: async (name, value) => !kept.has(name) && put(name, value).has(name),
    get: async (name) => kept.get(name)?.value,
    delete: async (name) => void kept.delete(name),
    list: async (prefix) =>
      [...kept]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, { createdAtMs }]) => ({ name, createdAtMs })),
  };
}
