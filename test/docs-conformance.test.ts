import { join } from 'node:path';
import { expect, it } from 'vitest';
import { conformanceMarkdown } from './support/conformance-markdown.ts';

const file = join(import.meta.dirname, '../docs/conformance.md');

/** `npx vitest run test/docs-conformance.test.ts -u` writes the file anew. */
it('docs/conformance.md has every clause as the tests have it, and the result of the matrix', async () => {
  await expect(conformanceMarkdown()).toMatchFileSnapshot(file);
});
