import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Log } from '../../ports.ts';
import type { PermissionOperation } from '../../protocol/permission-operations.ts';
import type { AgentFacts } from '../authorize.ts';
import type { Conditions } from '../conditions.ts';
import { withoutConditions } from '../conditions.ts';
import type { Principal } from '../principal.ts';
import { createConditions } from './conditions.ts';
import { maxPrepared } from './engine.ts';
import { type Cedar, loadCedar } from './load-cedar.ts';

const alice: Principal = {
  issuer: 'https://issuer.test',
  subject: 'alice',
  clientId: 'cli',
  tenant: 'acme',
  scopes: ['agents:call'],
  groups: ['staff'],
  grantees: ['agents:call', 'group:staff', 'client:cli'],
  expiresAtSeconds: 4_000_000_000,
};
const trips: AgentFacts = {
  agentId: 'trips',
  tags: ['acme', 'prod'],
  owner: { issuer: 'https://issuer.test', subject: 'olga' },
};

let lines: string[] = [];
const log: Log = { write: (_level, event) => lines.push(event) };
let conditions: Conditions;

beforeAll(() => {
  conditions = createConditions({ load: loadCedar, log });
});

function holds(
  condition: string,
  {
    principal = {},
    agent = {},
    operation = 'send',
  }: { principal?: Partial<Principal>; agent?: Partial<AgentFacts>; operation?: PermissionOperation } = {},
): boolean {
  const asked = [{ ...alice, ...principal }, operation, { ...trips, ...agent }] as const;
  return conditions.holds({ scope: 'agents:call', condition }, ...asked);
}

describe('a condition', () => {
  it.each([
    ['true', true],
    ['principal.subject == "alice"', true],
    ['principal.subject == "bob"', false],
    ['principal has tenant && resource.tags.contains(principal.tenant)', true],
    ['principal.groups.containsAny(["staff", "boss"])', true],
    ['principal.groups.contains("boss")', false],
    ['principal.scopes.contains("agents:call")', true],
    ['principal has clientId && principal.clientId == "cli"', true],
    ['action == Action::"send"', true],
    ['action in [Action::"read", Action::"card"]', false],
    ['resource == Agent::"trips"', true],
    ['resource.agentId like "tr*s"', true],
    ['resource.owner.subject == "olga" && resource.owner.issuer == principal.issuer', true],
    ['principal["\\u{74}enant"] == "acme"', true],
    ['// a comment at the end\ntrue // }; forbid(principal, action, resource);', true],
  ])('%s is %s', (condition, expected) => {
    expect(holds(condition)).toBe(expected);
  });

  it('that asks for what is absent does not hold, whatever follows', () => {
    expect(holds('principal.tenant == "acme" || true', { principal: withoutTenant() })).toBe(false);
    expect(holds('!(principal.tenant == "acme")', { principal: withoutTenant() })).toBe(false);
    expect(
      conditions.holds({ scope: 's', condition: 'resource.owner.subject != "x"' }, alice, 'send', {
        agentId: 'trips',
        tags: [],
      }),
    ).toBe(false);
  });

  it('that fails in the middle does not hold', () => {
    expect(holds('9223372036854775807 + 1 > 0 || true')).toBe(false);
  });

  it('takes groups and clients as permissions may be given to them', () => {
    const other = { grantees: ['group:partner:staff', 'client:partner:cli'] };
    expect(holds('principal.groups.contains("staff")', { principal: other })).toBe(false);
    expect(holds('principal.groups.contains("partner:staff")', { principal: other })).toBe(true);
    expect(holds('principal has clientId && principal.clientId == "cli"', { principal: other })).toBe(false);
  });

  it('is judged anew for whatever it can look at', () => {
    const agentIds = fc.constantFrom('trips', 'other');
    const names = fc.constantFrom('alice', 'bob', '"', '\\', '__entity');
    const texts = fc.array(names, { maxLength: 3 });
    fc.assert(
      fc.property(names, texts, agentIds, texts, (subject, groups, agentId, tags) => {
        const given = {
          principal: { subject, grantees: groups.map((group) => `group:${group}`) },
          agent: { agentId, tags },
        };
        expect(holds('principal.subject == "alice"', given)).toBe(subject === 'alice');
        expect(holds('principal.groups.contains("bob")', given)).toBe(groups.includes('bob'));
        expect(holds('resource == Agent::"trips"', given)).toBe(agentId === 'trips');
        expect(holds('resource.tags.contains(principal.subject)', given)).toBe(tags.includes(subject));
        expect(holds('action == Action::"read"', { ...given, operation: 'read' })).toBe(true);
        expect(holds('action == Action::"read"', { ...given, operation: 'send' })).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a condition that is to be set', () => {
  it.each([
    ['principal.tennant == "x"', /did you mean `tenant`/],
    ['principal.tenant == "x"', /optional attribute `tenant`/],
    ['action == Action::"sned"', /did you mean/],
    ['resource == Robot::"x"', /unrecognized entity type/],
    ['1', /expected Bool/],
    ['false', /impossible/],
    ['context has ip', /impossible/],
    ['context.time > 3', /not found/],
    ['', /cannot be empty/],
    ['principal != Principal::"alice"', /compare principal\.issuer/],
    ['[Principal::"alice"].contains(principal)', /compare principal\.issuer/],
    ['principal == ?principal', /slot/],
  ])('%s is refused', (condition, expected) => {
    expect(conditions.problemWith(condition)).toMatch(expected);
  });

  it('is taken where nothing is wrong with it', () => {
    expect(conditions.problemWith('principal has tenant && principal.tenant == "acme"')).toBeUndefined();
    expect(conditions.problemWith('resource.owner.subject == principal.subject')).toBeUndefined();
  });
});

describe('what Cedar keeps', () => {
  it('is bounded, and a condition that was let go is prepared again', () => {
    const own = createConditions({ load: loadCedar, log });
    const each = Array.from({ length: maxPrepared + 40 }, (_, number) => `principal.subject == "s${number}"`);
    for (const round of ['first', 'second']) {
      for (const [number, condition] of each.entries()) {
        const principal = { ...alice, subject: `s${number}`, issuer: round };
        expect(own.holds({ scope: 's', condition }, principal, 'send', trips)).toBe(true);
        expect(own.holds({ scope: 's', condition }, { ...alice, subject: 'x' }, 'send', trips)).toBe(false);
      }
    }
  });

  it('is its own for each gateway of a process', () => {
    const other = createConditions({ load: loadCedar, log });
    expect(holds('principal.subject == "alice" // one')).toBe(true);
    expect(other.holds({ scope: 's', condition: 'principal.subject != "alice"' }, alice, 'send', trips)).toBe(
      false,
    );
    expect(holds('principal.subject == "alice" // one', { principal: { subject: 'carl' } })).toBe(false);
    expect(holds('principal.subject == "alice" // one', { principal: { issuer: 'else' } })).toBe(true);
  });

  it('is made again after a trap, over which nothing is granted', () => {
    lines = [];
    let loads = 0;
    const own = createConditions({ load: () => ({ ...trapping(loadCedar()), number: loads++ }), log });
    const ask = (condition: string) => own.holds({ scope: 's', condition }, alice, 'send', trips);
    expect(ask('principal.subject == "alice"')).toBe(true);
    expect(ask('true // trap')).toBe(false);
    expect(ask('true // trap')).toBe(false);
    expect(own.problemWith('true // trap')).toBe('more than Cedar can take');
    expect(ask('principal.subject == "alice" && true')).toBe(true);
    expect(ask('principal.subject == "alice"')).toBe(true);
    expect(loads).toBe(3);
    expect(lines).toEqual(['cedar_trapped', 'cedar_trapped']);
  });
});

it('where conditions are off none can be set and none holds, which the log says once', () => {
  lines = [];
  const off = withoutConditions(log);
  expect(off.problemWith('true')).toMatch(/switched off/);
  for (const _ of [1, 2])
    expect(off.holds({ scope: 's', condition: 'true' }, alice, 'send', trips)).toBe(false);
  expect(lines).toEqual(['conditions_off']);
});

function withoutTenant(): Partial<Principal> {
  const { tenant: _, ...others } = alice;
  return { ...others, tenant: undefined } as unknown as Partial<Principal>; // As a spread would leave it out.
}

/** Cedar that truly traps, by brackets no bound holds back, over a condition that says so. */
function trapping(cedar: Cedar): Cedar {
  return {
    ...cedar,
    policyToJson(policy) {
      if (!String(policy).includes('// trap')) return cedar.policyToJson(policy);
      const deep = `${'('.repeat(2_000)}true${')'.repeat(2_000)}`;
      return cedar.policyToJson(`permit(principal, action, resource) when { ${deep} };`);
    },
  };
}
