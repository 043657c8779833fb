import { defineConfig } from 'vitest/config';

/**
 * Tests that start process after process, and kill some, that do one thing ten thousand times, or try whatever chance
 * brings: minutes, in which nothing else is learned.
 */
export const longTests = [
  'test/audit-crash.test.ts',
  'test/cli.test.ts',
  'test/crash.test.ts',
  'test/limits-processes.test.ts',
  'test/owners-crash.test.ts',
  'test/push-crash.test.ts',
  'test/revocations-processes.test.ts',
  'test/search-cli.test.ts',
  'test/search-crash.test.ts',
  'test/search-embedded-processes.test.ts',
  'test/stream-cycles.test.ts',
  'test/fuzz/*.test.ts',
];

export default defineConfig({
  test: {
    include: longTests,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
