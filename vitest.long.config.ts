import { defineConfig } from 'vitest/config';

/** Tests that start process after process, and kill some, or do one thing ten thousand times: minutes, in which nothing else is learned. */
export const longTests = [
  'test/cli.test.ts',
  'test/crash.test.ts',
  'test/search-crash.test.ts',
  'test/stream-cycles.test.ts',
];

export default defineConfig({
  test: { include: longTests, testTimeout: 60_000, hookTimeout: 60_000 },
});
