import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { domainOf, type Failure, type FailureCode, factsOf, failureCodes, reasonOf } from '../src/failure.ts';
import { cites } from './support/cites.ts';

const document = readFileSync(join(import.meta.dirname, '../docs/errors.md'), 'utf8');

/** The rows of all its tables, by code. */
const rows = new Map([...document.matchAll(/^\| `(\w+)` \|.*$/gm)].map(([row, code = '']) => [code, row]));

/** The columns that the code decides; what to do is for people to say. */
function factsIn(code: FailureCode): string {
  const { httpStatus, status, rpcCode, retryable, message } = factsOf(code);
  const failure = { code } as Failure; // Reason and domain depend on nothing else of it.
  const cells = [
    `\`${code}\``,
    `\`${reasonOf(failure)}\``,
    `\`${domainOf(failure)}\``,
    httpStatus,
    `\`${status}\``,
    rpcCode,
    retryable ? 'yes' : 'no',
    message,
  ];
  return `| ${cells.join(' | ')} | `;
}

describe('docs/errors.md', () => {
  it('has every failure, in the order of the code', () => {
    expect([...rows.keys()]).toEqual(failureCodes);
  });

  it.each(failureCodes)('says of %s what the code does, and what to do', (code) => {
    cites('A2A-3.3.2-own-domain', 'A2A-3.3.2-terse');
    const row = rows.get(code) ?? '';
    const facts = factsIn(code);
    expect(row.slice(0, facts.length)).toBe(facts);
    expect(row.slice(facts.length)).toMatch(/^[^|]{20,}\. \|$/);
  });
});
