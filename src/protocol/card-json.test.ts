import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbitraryCard, cardFixture, reversed } from '../../test/fixtures/cards/cards.ts';
import type { AgentCard } from './card.ts';
import { cardJson } from './card-json.ts';
import { parseAgentCard } from './card-parse.ts';

function parsed(input: unknown): AgentCard {
  const result = parseAgentCard(input);
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value.card;
}

const card = parsed(cardFixture('v1'));

describe('cardJson', () => {
  it('begins with the name and has no spaces between members', () => {
    expect(cardJson(card)).toMatch(/^\{"name":"Invoice Desk","description":"/);
  });

  it('is the same for equal cards, whatever the order of their members', () => {
    const accepted = arbitraryCard.map((input) => parseAgentCard(input)).filter((result) => result.ok);
    fc.assert(
      fc.property(accepted, ({ value }) => {
        // A reordered card is a card.
        expect(cardJson(reversed(value.card) as AgentCard)).toBe(cardJson(value.card));
        expect(JSON.parse(cardJson(value.card))).toEqual(value.card);
      }),
    );
  });
});
