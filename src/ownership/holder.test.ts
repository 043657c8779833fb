import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Principal } from '../access/principal.ts';
import { holderOf } from './holder.ts';
import type { OwnershipMode } from './ownership.ts';

interface Facts {
  mode: OwnershipMode;
  issuer: string;
  subject: string;
  clientId: string | undefined;
  tenant: string | undefined;
}

// Few letters, and those of the framing, so that texts meet often.
const text = fc.string({ unit: fc.constantFrom('a', '"', ',', '\\', '\ud800'), maxLength: 2 });
const facts: fc.Arbitrary<Facts> = fc.record({
  mode: fc.constantFrom('principal', 'client', 'tenant'),
  issuer: text,
  subject: text,
  clientId: fc.option(text, { nil: undefined }),
  tenant: fc.option(text, { nil: undefined }),
});

const agent = { agentId: 'agent', createdAtMs: 1 };

function principalOf({ issuer, subject, clientId, tenant }: Facts): Principal {
  const named = { ...(clientId !== undefined && { clientId }), ...(tenant !== undefined && { tenant }) };
  return { issuer, subject, ...named, scopes: [], groups: [], grantees: [], expiresAtSeconds: 0 };
}

const ownerKeyOf = async (given: Facts) => (await holderOf(agent, principalOf(given), given.mode)).ownerKey;

/** What two must have in common to be one owner. */
function shared({ mode, issuer, subject, clientId, tenant }: Facts): unknown[] {
  if (mode === 'client' && clientId !== undefined) return [mode, issuer, clientId];
  if (mode === 'tenant' && tenant !== undefined) return [mode, issuer, tenant];
  return [issuer, subject];
}

describe('an owner', () => {
  it('is who shares what the mode says, and nobody else', async () => {
    const property = fc.asyncProperty(facts, facts, async (one, other) => {
      const isSame = JSON.stringify(shared(one)) === JSON.stringify(shared(other));
      expect((await ownerKeyOf(one)) === (await ownerKeyOf(other))).toBe(isSame);
    });
    await fc.assert(property, { numRuns: 500 });
  });

  it('has other tasks at another agent, and at one that was registered again', async () => {
    const principal = principalOf({
      mode: 'principal',
      issuer: 'i',
      subject: 's',
      clientId: 'c',
      tenant: 't',
    });
    const keys = await Promise.all(
      [agent, { ...agent, agentId: 'other' }, { ...agent, createdAtMs: 2 }].map(
        async (one) => (await holderOf(one, principal, 'principal')).agentKey,
      ),
    );
    expect(new Set(keys).size).toBe(3);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{64}$/);
  });
});
