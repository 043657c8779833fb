import { describe, expect, it } from 'vitest';
import { cardFixture, reversed } from '../../test/fixtures/cards/cards.ts';
import type { AgentCard } from './card.ts';
import { cardDiff } from './card-diff.ts';
import { parseAgentCard } from './card-parse.ts';

function parsed(input: unknown): AgentCard {
  const result = parseAgentCard(input);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value.card;
}

const card = parsed(cardFixture('v1'));

describe('cardDiff', () => {
  it('finds nothing between equal cards', () => {
    expect(cardDiff(card, reversed(card) as AgentCard)).toEqual({ changes: [], more: 0 });
  });

  it('names what was changed, added and removed', () => {
    const { iconUrl: _, ...rest } = card;
    const after = {
      ...rest,
      version: '3.0.0',
      capabilities: { ...card.capabilities, pushNotifications: true },
    };
    expect(cardDiff({ ...rest, documentationUrl: 'https://a.example/' }, after).changes).toContainEqual({
      path: '/version',
      before: '"2.4.1"',
      after: '"3.0.0"',
    });
    expect(cardDiff(card, after).changes).toEqual([
      { path: '/iconUrl', before: JSON.stringify(card.iconUrl) },
      { path: '/version', before: '"2.4.1"', after: '"3.0.0"' },
      { path: '/capabilities/pushNotifications', before: 'false', after: 'true' },
    ]);
  });

  it('matches skills by id, so a skill put in front is one change', () => {
    const skill = { id: 'new', name: 'New', description: 'New.', tags: ['new'] };
    const { changes } = cardDiff(card, { ...card, skills: [skill, ...card.skills] });
    expect(changes).toEqual([{ path: '/skills/0', after: expect.stringContaining('"new"') }]);
  });

  it('is bounded in number and length', () => {
    const skills = Array.from({ length: 150 }, (_, index) => {
      return { id: `s${index}`, name: 'S', description: 'x'.repeat(1000), tags: ['s'] };
    });
    const diff = cardDiff(card, { ...card, skills: [...card.skills, ...skills] });
    expect(diff.changes).toHaveLength(100);
    expect(diff.more).toBe(50);
    expect(diff.changes.every(({ after = '' }) => after.length === 256)).toBe(true);
  });
});
