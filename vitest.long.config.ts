import { defineConfig } from 'vitest/config';

/**
 * Tests that start process after process, and kill some, that do one thing ten thousand times, that try whatever chance
 * brings, or wait for a model or another's rules: minutes, in which nothing else is learned.
 */
export const longTests = [
  'test/audit-crash.test.ts',
  'test/cli.test.ts',
  'test/crash.test.ts',
  'test/infra/findings.test.ts',
  'test/limits-processes.test.ts',
  'test/owners-crash.test.ts',
  'test/owners-processes.test.ts',
  'test/push-crash.test.ts',
  'test/revocations-processes.test.ts',
  'test/search-cli.test.ts',
  'test/search-crash.test.ts',
  'test/search-embedded-processes.test.ts',
  'test/search-embedder-onnx.test.ts',
  'test/search-embedder-use-lite.test.ts',
  'test/search-embedders.test.ts',
  'test/stream-cycles.test.ts',
  'test/fuzz/*.test.ts',
];

export default defineConfig({
  test: { include: longTests, setupFiles: 'test/support/setup.ts', testTimeout: 60_000, hookTimeout: 60_000 },
});
