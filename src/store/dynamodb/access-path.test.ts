import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAgentPattern, patternCovers } from '../../access/permission.ts';
import { agentStatuses } from '../../registry/agent.ts';
import type { AgentFilter } from '../port.ts';
import { type AccessPath, accessPath } from './access-path.ts';
import { type AgentEntry, entryKeysOf, ownerKey } from './agent-entry.ts';
import { toPredicate } from './agent-filter.ts';

const issuer = 'https://issuer.test';
const ids = fc.stringMatching(/^[ab0](?:[ab0-]{0,5}[ab0])?$/);
const tags = fc.oneof(
  fc.constantFrom('x', 'y', 'grün', '😀', 'a'),
  fc.string({ unit: 'binary', maxLength: 3 }),
);
const owners = fc.constantFrom('kim', 'lee').map((subject) => ({ issuer, subject }));
const statuses = fc.constantFrom(...agentStatuses);

const entries: fc.Arbitrary<AgentEntry> = fc.record({
  agentId: ids,
  status: statuses,
  // Now and then more than have an entry each.
  tags: fc.oneof(
    { weight: 4, arbitrary: fc.uniqueArray(tags, { maxLength: 3 }) },
    { weight: 1, arbitrary: tags.map((tag) => [tag, ...Array.from({ length: 45 }, (_, n) => `many-${n}`)]) },
  ),
  owner: owners.map(ownerKey),
});

const patterns = fc.oneof(
  fc.stringMatching(/^[ab0*][ab0*-]{0,6}$/).filter(isAgentPattern),
  ids,
  tags.map((tag) => `tag:${tag}`),
);

const filters: fc.Arbitrary<AgentFilter> = fc.record(
  {
    ...{ status: statuses, tag: tags, owner: owners, patterns: fc.array(patterns, { maxLength: 5 }) },
    deniedPatterns: fc.array(patterns, { maxLength: 3 }),
  },
  { requiredKeys: [] },
);

/** Whether one of an agent's entries is among those a path reads. */
function reaches({ ranges, keys }: AccessPath, entry: AgentEntry): boolean {
  return entryKeysOf(entry.agentId, entry).some(
    ({ pk, sk }) =>
      keys.some((key) => key.pk === pk && key.sk === sk) ||
      ranges.some((range) => range.pk === pk && sk.startsWith(range.beginsWith ?? '')),
  );
}

function isMatch(
  entry: AgentEntry,
  { status, tag, owner, patterns: list, deniedPatterns = [] }: AgentFilter,
): boolean {
  return (
    (status === undefined || entry.status === status) &&
    (tag === undefined || entry.tags.includes(tag)) &&
    (owner === undefined || entry.owner === ownerKey(owner)) &&
    (list === undefined || list.some((pattern) => patternCovers(pattern, entry))) &&
    !deniedPatterns.some((pattern) => patternCovers(pattern, entry))
  );
}

describe('the way to what a filter matches', () => {
  it('reaches every agent that matches', () => {
    fc.assert(
      fc.property(entries, filters, (entry, filter) => {
        if (isMatch(entry, filter)) expect(reaches(accessPath(filter), entry)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('leads to entries that decide any filter by themselves', () => {
    fc.assert(
      fc.property(entries, filters, (entry, filter) => {
        expect(toPredicate(filter)(entry)).toBe(isMatch(entry, filter));
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads all entries where a pattern may cover any agent', () => {
    for (const list of [['*'], ['**', 'a'], ['*-a', 'tag:x'], undefined]) {
      const filter = list === undefined ? {} : { patterns: list };
      expect(accessPath(filter)).toEqual({ ranges: [{ pk: 'agents' }], keys: [] });
    }
  });

  it('reads no range twice', () => {
    const globs = ['hr-*', 'hr-1*', 'hr-1*2', 'h*', 'it-*', 'it-*-x'];
    expect(accessPath({ patterns: [...globs, 'hr-7', 'it-8', 'z'] })).toEqual({
      ranges: [
        { pk: 'agents', beginsWith: 'h' },
        { pk: 'agents', beginsWith: 'it-' },
      ],
      keys: [{ pk: 'agents', sk: 'z' }],
    });
  });

  it('fetches a few ids whatever else is asked, and many only when nothing narrower is', () => {
    const list = (length: number) => Array.from({ length }, (_, n) => `a${n}`);
    expect(accessPath({ patterns: list(100), tag: 'x' }).keys).toHaveLength(100);
    expect(accessPath({ patterns: list(101), tag: 'x' }).ranges.map(({ pk }) => pk)).toEqual([
      'tag#x',
      'many-tags',
    ]);
    expect(accessPath({ patterns: list(500) }).keys).toHaveLength(500);
  });

  it('prefers an owner to a tag, and a tag to patterns', () => {
    const owner = { issuer, subject: 'kim' };
    expect(accessPath({ owner, tag: 'x', patterns: ['a*'] }).ranges).toEqual([
      { pk: `owner#${ownerKey(owner)}` },
    ]);
    expect(accessPath({ tag: 'x', patterns: ['a*'] }).ranges[0]).toEqual({ pk: 'tag#x' });
  });

  it('reads all entries rather than make more than 256 requests', () => {
    const list = (length: number) => Array.from({ length }, (_, n) => `tag:t${n}`);
    expect(accessPath({ patterns: list(255) }).ranges).toHaveLength(256);
    expect(accessPath({ patterns: list(256) }).ranges).toEqual([{ pk: 'agents' }]);
  });

  it('is none where nothing can match', () => {
    const long = 'a'.repeat(2_100);
    for (const filter of [
      { patterns: [] },
      { patterns: [long, `tag:${long}`, `${long}*`] },
      { patterns: [''] },
      { tag: long },
    ]) {
      expect(accessPath(filter)).toEqual({ ranges: [], keys: [] });
    }
  });
});
