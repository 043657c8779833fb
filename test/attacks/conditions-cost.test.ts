import { describe, expect, it } from 'vitest';
import type { AgentFacts, GivenPermission } from '../../src/access/authorize.ts';
import { createConditions } from '../../src/access/cedar/conditions.ts';
import { type Cedar, loadCedar } from '../../src/access/cedar/load-cedar.ts';
import { permissionsOf } from '../../src/access/permissions-of.ts';
import type { Principal } from '../../src/access/principal.ts';
import { unconditional } from '../../src/access/unconditional.ts';

/** Callers whose lists are dear: many conditions, many agents, long tokens. */

const owner = { issuer: 'https://issuer.test', subject: 'olga' };
const agents: AgentFacts[] = Array.from({ length: 500 }, (_, number) => ({
  ...{ agentId: `agent-${number}`, tags: ['a'], owner },
}));
const times = { revision: 1, createdAtMs: 0, updatedAtMs: 0 };
const lists = { isAnythingEnough: true, maxAsked: 100 };

function asking(scope: string, pattern: string, conditionHolds: () => boolean): GivenPermission {
  const looksAt = { agent: true, operation: true };
  const what = { allowedAgents: [pattern], operations: ['send' as const], condition: 'true' };
  return { scope, ...what, conditionHolds, looksAt, ...times };
}

const covered = async ({ patterns }: { patterns: readonly string[] }) =>
  patterns.includes('*') ? agents : agents.filter(({ agentId }) => patterns.includes(agentId));

describe('a list by conditions', () => {
  it('lets others have their turn however long one takes, and however many permissions there are', async () => {
    let turns = 0;
    let asked = 0;
    const slow = () => {
      for (const until = performance.now() + 2; performance.now() < until; );
      asked++;
      return true;
    };
    const ticking = setInterval(() => turns++, 0);
    try {
      const many = Array.from({ length: 20 }, (_, number) => asking(`s${number}`, '*', slow));
      await unconditional(many, covered, lists);
    } finally {
      clearInterval(ticking);
    }
    expect(asked).toBe(100);
    expect(turns).toBeGreaterThanOrEqual(10);
  });

  it('is of no more agents for more permissions, and small ones lose nothing to large ones', async () => {
    const permissions = [
      asking('all', '*', () => true),
      asking('one', 'agent-7', () => true),
      asking('all-too', '*', () => true),
    ];
    const found = await unconditional(permissions, covered, lists);
    const count = (scope: string) =>
      found.filter((one) => one.scope === scope).flatMap(({ allowedAgents }) => allowedAgents).length;
    expect([count('all'), count('one'), count('all-too')]).toEqual([49, 1, 50]);
  });
});

it('conditions are asked once of a long token, which no other has its verdicts from', async () => {
  let calls = 0;
  const load = (): Cedar => {
    const cedar = loadCedar();
    return {
      policyToJson: cedar.policyToJson,
      preparsePolicySet: cedar.preparsePolicySet,
      validate: cedar.validate,
      statefulIsAuthorized(call) {
        calls++;
        return cedar.statefulIsAuthorized(call);
      },
    };
  };
  const conditions = createConditions({ load, log: { write() {} } });
  const condition =
    'principal.groups.contains("last") && resource.tags.contains("a") && action == Action::"send"';
  const kept = { allowedAgents: ['*'], operations: ['send' as const], condition, ...times };
  const source = { get: async (scope: string) => (scope === 'demo' ? { scope, ...kept } : undefined) };

  async function shownTo(last: string): Promise<number> {
    const groups = Array.from({ length: 199 }, (_, number) => `group:${number}-${'x'.repeat(100)}`);
    const who: Principal = {
      ...{ issuer: 'https://issuer.test', subject: 'eve', scopes: ['demo'], groups: [] },
      ...{ grantees: ['demo', ...groups, `group:${last}`], expiresAtSeconds: 4_000_000_000 },
    };
    const given = await permissionsOf(who, source, conditions);
    const found = await unconditional(given, covered, { isAnythingEnough: true });
    return found.flatMap(({ allowedAgents }) => allowedAgents).length;
  }

  expect([await shownTo('last'), await shownTo('other'), await shownTo('last')]).toEqual([500, 0, 500]);
  // All agents have the same tags, and the condition looks at nothing else of them.
  expect(calls).toBe(2);
});
