import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BackendToken } from './token-answer.ts';
import { createTokenCache } from './token-cache.ts';

/** What may happen to a cache of three keys, one step at a time. */
const step = fc.oneof(
  fc.record({ type: fc.constant('ask' as const), key: fc.constantFrom('a', 'b', 'c') }),
  fc.record({ type: fc.constant('refuse' as const), key: fc.constantFrom('a', 'b', 'c') }),
  fc.record({
    type: fc.constant('wait' as const),
    ms: fc.constantFrom(1, 2_000, 6_000, 40_000, 91_000, 96_000),
  }),
  fc.record({ type: fc.constantFrom('issue' as const, 'repeat' as const, 'fail' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

interface Fetch {
  key: string;
  resolve(token: BackendToken): void;
  reject(error: Error): void;
}

/** A cache, and fetches a test answers. */
function stand() {
  const state = { nowMs: 1_000_000, issued: 0 };
  const fetches: Fetch[] = [];
  const cache = createTokenCache({ nowMs: () => state.nowMs });
  return {
    state,
    fetches,
    tokenFor(key: string, refused?: string) {
      const fetch = () =>
        new Promise<BackendToken>((resolve, reject) => fetches.push({ key, resolve, reject }));
      return cache.tokenFor(key, { fetch, refused });
    },
    issue({ key, resolve }: Fetch, name = `token-${++state.issued}`) {
      const askedAtMs = state.nowMs;
      resolve({ accessToken: `${key}/${name}`, askedAtMs, expiresAtMs: askedAtMs + 100_000 });
    },
  };
}

/** Everything that waits for no fetch is done after it. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** What a run of steps shows to be wrong. */
async function wrongsOf(steps: readonly Step[]): Promise<string[]> {
  const { state, fetches, tokenFor, issue } = stand();
  const wrongs: string[] = [];
  const refused = new Set<string>();
  const last = new Map<string, string>();
  const endsAtMs = new Map<string, number>();

  function ask(key: string, refusing?: string): void {
    const banned = new Set(refused);
    const judge = (token: string | undefined) => {
      if (token === undefined) return;
      if (!token.startsWith(key)) wrongs.push(`${token} of another key`);
      if (banned.has(token)) wrongs.push(`${token} though refused`);
      if (state.nowMs >= (endsAtMs.get(token) ?? 0)) wrongs.push(`${token} though expired`);
      last.set(key, token);
    };
    tokenFor(key, refusing).then(judge, () => {});
  }

  function answer(how: 'issue' | 'repeat' | 'fail'): void {
    const fetch = fetches.shift();
    if (fetch === undefined) return;
    const name = `token-${how === 'repeat' ? state.issued : ++state.issued}`;
    endsAtMs.set(`${fetch.key}/${name}`, state.nowMs + 100_000);
    if (how === 'fail') fetch.reject(new Error('no token'));
    else issue(fetch, name);
  }

  for (const next of steps) {
    if (next.type === 'wait') state.nowMs += next.ms;
    else if (next.type === 'ask') ask(next.key);
    else if (next.type !== 'refuse') answer(next.type);
    else {
      const token = last.get(next.key);
      if (token !== undefined) refused.add(token);
      ask(next.key, token);
    }
    await settled();
    if (new Set(fetches.map(({ key }) => key)).size < fetches.length) wrongs.push('two fetches at once');
  }
  return wrongs;
}

describe('a cache of tokens', () => {
  it('answers no refused token, no expired one and none of another key, and fetches one at a time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        expect(await wrongsOf(steps)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('fetches once for all who wait, and once more for all to whom it was refused', async () => {
    const { fetches, tokenFor, issue } = stand();
    const waiting = Array.from({ length: 500 }, () => tokenFor('key'));
    expect(fetches).toHaveLength(1);
    for (const fetch of fetches.splice(0)) issue(fetch);
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['key/token-1']));
    const again = Array.from({ length: 500 }, () => tokenFor('key', 'key/token-1'));
    expect(fetches).toHaveLength(1);
    for (const fetch of fetches.splice(0)) issue(fetch);
    expect(new Set(await Promise.all(again))).toEqual(new Set(['key/token-2']));
  });

  it('does not fall back to a token that was refused while its renewal failed', async () => {
    const { state, fetches, tokenFor, issue } = stand();
    const first = tokenFor('key');
    for (const fetch of fetches.splice(0)) issue(fetch);
    await first;
    state.nowMs += 99_000;
    const second = tokenFor('key');
    const third = tokenFor('key', 'key/token-1');
    for (const fetch of fetches.splice(0)) fetch.reject(new Error('no token'));
    expect(await second).toBeUndefined();
    await expect(third).rejects.toThrow('no token');
  });

  it('does not fall back to a token that expired while its renewal failed', async () => {
    const { state, fetches, tokenFor, issue } = stand();
    const first = tokenFor('key');
    for (const fetch of fetches.splice(0)) issue(fetch);
    await first;
    state.nowMs += 99_000;
    const second = tokenFor('key');
    state.nowMs += 1_000;
    for (const fetch of fetches.splice(0)) fetch.reject(new Error('no token'));
    await expect(second).rejects.toThrow('no token');
  });
});
