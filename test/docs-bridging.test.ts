import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { losses } from './support/bridge-losses.ts';

const file = join(import.meta.dirname, '../docs/bridging.md');
const begin = '<!-- Made of the list of losses: npx vitest run test/docs-bridging.test.ts -u -->\n';
const end = '<!-- End of what is made. -->\n';

describe('docs/bridging.md', () => {
  it('has every loss as the tests have it', async () => {
    const [before, after] = readFileSync(file, 'utf8').split(new RegExp(`${begin}[^]*${end}`));
    expect(after, `needs the lines\n${begin}${end}`).toBeDefined();
    const rows = losses.map(({ between, what, happens }) => `| ${between} | ${what} | ${happens} |`);
    const made = ['| Between | What | What happens |', '| --- | --- | --- |', ...rows].join('\n');
    await expect(
      `${before}${begin}\n${made}\n\n${end}${after}`,
      'write it anew: npx vitest run test/docs-bridging.test.ts -u',
    ).toMatchFileSnapshot(file);
  });
});
