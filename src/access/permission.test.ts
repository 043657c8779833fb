import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAgentPattern, patternCovers } from './permission.ts';

function agent(agentId: string, tags: readonly string[] = []) {
  return { agentId, tags };
}

describe('a pattern', () => {
  it.each([
    ['billing', 'billing'],
    ['*', 'billing'],
    ['**', 'billing'],
    ['bill*', 'billing'],
    ['bill*', 'bill'],
    ['*ing', 'billing'],
    ['b*l*g', 'billing'],
    ['a*a', 'aa'],
    ['*a*a*', 'aa'],
  ])('%s covers %s', (pattern, agentId) => expect(patternCovers(pattern, agent(agentId))).toBe(true));

  it.each([
    ['billing', 'billing-2'],
    ['billing', 'hr-billing'],
    ['', 'billing'],
    ['bill*', 'hr-bill'],
    ['*ing', 'billing-2'],
    ['a*a', 'a'],
    ['ab*ba', 'aba'],
    ['*aa*aa*', 'aaa'],
    ['.*', 'billing'],
    ['b?lling', 'billing'],
    ['[a-z]*', 'billing'],
    ['BILLING', 'billing'],
  ])('%s does not cover %s', (pattern, agentId) =>
    expect(patternCovers(pattern, agent(agentId, ['billing', '*']))).toBe(false),
  );

  it('with a tag covers by that very tag, never by id or as a glob', () => {
    expect(patternCovers('tag:finance', agent('a', ['hr', 'finance']))).toBe(true);
    expect(patternCovers('tag:finance', agent('finance'))).toBe(false);
    expect(patternCovers('tag:fin*', agent('a', ['finance']))).toBe(false);
    expect(patternCovers('tag:', agent('a', ['finance']))).toBe(false);
    expect(patternCovers('tag:Finance', agent('a', ['finance']))).toBe(false);
  });

  it.each(['a', '*', 'hr-*', '*-x-*', 'tag:finance', 'tag:größe', 'a'.repeat(63)])('may read %j', (text) =>
    expect(isAgentPattern(text)).toBe(true),
  );

  it.each([
    '',
    'A',
    'a.b',
    'a/b',
    '-a',
    'a b',
    'tag:',
    'tag:*',
    'tag:a b',
    'TAG:a',
    'hr-?',
    '[a]',
    '..',
    'a\n',
    'a'.repeat(64),
  ])('may not read %j', (text) => expect(isAgentPattern(text)).toBe(false));

  it('agrees with a regular expression that says the same', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 8 });
    const glob = fc.string({ unit: fc.constantFrom('a', 'b', '-', '*'), maxLength: 8 });
    fc.assert(
      fc.property(glob, text, (pattern, agentId) => {
        const reference = new RegExp(`^${pattern.replaceAll('*', '.*')}$`);
        expect(patternCovers(pattern, agent(agentId))).toBe(reference.test(agentId));
      }),
      { numRuns: 3_000 },
    );
  });

  it('made of stars costs no more than its length', () => {
    const pattern = `${'*a'.repeat(31)}*b`;
    expect(patternCovers(pattern, agent('a'.repeat(63)))).toBe(false);
  });
});
