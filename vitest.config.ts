import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { citationPlugin } from './test/support/citation-reporter.ts';
import { longTests } from './vitest.long.config.ts';

const elsewhere = ['test/aws/**', ...longTests];

/** Tests that take the clock, the modules or what is global from all that runs in their process. */
const alone = ['src', 'aws-local', 'test']
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  .filter((file) => file.endsWith('.test.ts'))
  .filter((file) =>
    /\b(useFakeTimers|resetModules|doMock|stubGlobal)\(|process\.on\(/.test(readFileSync(file, 'utf8')),
  );

export default defineConfig({
  plugins: [citationPlugin],
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['src/**/*.test.ts', 'aws-local/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...elsewhere, ...alone],
          // Half of the time goes into loading the same modules again where each file has a process of its own.
          isolate: false,
        },
      },
      {
        extends: true,
        // After the others: a process that files share would end each time one of these comes between.
        test: { name: 'alone', include: alone, exclude: elsewhere, sequence: { groupOrder: 1 } },
      },
    ],
    // One for each core of a small machine: by default one core is left to whoever watches.
    maxWorkers: 2,
    setupFiles: 'test/support/setup.ts',
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // By default one second, which a machine that is busy with other tests may take for anything.
    expect: { poll: { timeout: 15_000 } },
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
