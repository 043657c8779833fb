import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requirements } from './requirements.ts';

describe('a clause that is claimed', () => {
  it.each(requirements)('is shown by a test: $clause, $says', ({ shownBy: [file, title] }) => {
    expect(readFileSync(join(import.meta.dirname, '..', file), 'utf8')).toContain(title);
  });
});
