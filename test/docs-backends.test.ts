import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { companionKinds, credentialKinds, targetKinds } from '../src/backends/kinds.ts';
import { kindsMarkdown } from './support/kinds-markdown.ts';

const file = join(import.meta.dirname, '../docs/backends.md');
const begin = '<!-- Made of the list of kinds: npx vitest run test/docs-backends.test.ts -u -->\n';
const end = '<!-- End of what is made. -->\n';

describe('docs/backends.md', () => {
  it('has every kind as the code has it', async () => {
    const [before, after] = readFileSync(file, 'utf8').split(new RegExp(`${begin}[^]*${end}`));
    expect(after, `needs the lines\n${begin}${end}`).toBeDefined();
    const made = kindsMarkdown({
      credentials: credentialKinds,
      companions: companionKinds,
      targets: targetKinds,
    });
    await expect(
      `${before}${begin}\n${made}\n${end}${after}`,
      'write it anew: npx vitest run test/docs-backends.test.ts -u',
    ).toMatchFileSnapshot(file);
  });
});
