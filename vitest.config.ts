import { defineConfig } from 'vitest/config';
import { citationPlugin } from './test/support/citation-reporter.ts';
import { longTests } from './vitest.long.config.ts';

export default defineConfig({
  plugins: [citationPlugin],
  test: {
    include: ['src/**/*.test.ts', 'aws-local/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['test/aws/**', ...longTests],
    // One for each core of a small machine: by default one core is left to whoever watches.
    maxWorkers: 2,
    // Half of the time goes into loading the same modules again where each file has a process of its own.
    isolate: false,
    setupFiles: 'test/support/setup.ts',
    testTimeout: 20_000,
    hookTimeout: 20_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      // What needs a server of AWS's is run in the AWS lane.
      exclude: [
        'src/**/*.test.ts',
        'src/store/dynamodb/**',
        'src/store/secrets-manager/**',
        'src/runtimes/aws-adapters.ts',
        'src/runtimes/aws-search-open.ts',
        'src/runtimes/node/shared-search.ts',
        'src/runtimes/lambda/functions/**',
        // What runs in threads of its own is tested there, where no coverage is seen.
        'src/search/**/*-thread.ts',
        'src/search/thread/serve.ts',
        'src/search/embedded/{index-file,kept-sets}.ts',
        'src/search/embedders/{onnx-model,onnx-folder,use-lite-unread}.ts',
      ],
      reporter: ['text-summary'],
      thresholds: { lines: 95, branches: 90 },
    },
  },
});
