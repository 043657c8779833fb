import { type AgentFacts, type GivenPermission, grantsOf } from '../src/access/authorize.ts';
import { createConditions } from '../src/access/cedar/conditions.ts';
import { loadCedar } from '../src/access/cedar/load-cedar.ts';
import { withoutConditions } from '../src/access/conditions.ts';
import type { Permission } from '../src/access/permission.ts';
import { permissionsOf } from '../src/access/permissions-of.ts';
import type { Principal } from '../src/access/principal.ts';

/** What conditions cost a verdict, against permissions without them in the same run; see README.md beside this file. */

const log = { write() {} };
const principal: Principal = {
  ...{ issuer: 'https://issuer.test', subject: 'alice', tenant: 'acme', scopes: ['demo'], groups: [] },
  ...{ grantees: ['demo', 'group:staff', 'client:cli'], expiresAtSeconds: 2 ** 31 },
};
const owner = { issuer: 'https://issuer.test', subject: 'olga' };
const agents: AgentFacts[] = Array.from({ length: 1_000 }, (_, number) => ({
  ...{ agentId: `agent-${number}`, tags: [number % 2 === 0 ? 'acme' : 'globex', `t-${number}`], owner },
}));
const ofAgents = 'principal has tenant && resource.tags.contains(principal.tenant)';

function permission(condition?: string): Permission {
  return {
    ...{ scope: 'demo', allowedAgents: ['*'], operations: ['send', 'stream', 'read', 'cancel'] },
    ...{ revision: 1, createdAtMs: 0, updatedAtMs: 0 },
    ...(condition !== undefined && { condition }),
  };
}

async function given(
  kept: readonly Permission[],
  conditions = withoutConditions(log),
): Promise<GivenPermission[]> {
  const each = await Promise.all(
    kept.map((one) =>
      permissionsOf({ ...principal, grantees: ['demo'] }, { get: async () => one }, conditions),
    ),
  );
  return each.flat();
}

/** Microseconds of the fastest of some turns: what the machine does beside only adds. */
function timed(turns: number, work: (turn: number) => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < turns; turn++) {
    const start = performance.now();
    work(turn);
    best = Math.min(best, performance.now() - start);
  }
  return best * 1_000;
}

const loadUs = timed(5, () => void loadCedar());
const conditions = createConditions({ load: loadCedar, log });
const [agent = agents[0]] = agents;
const plain = await given([permission()]);
const one = await given([permission(ofAgents)], conditions);
const hundred = await given(
  Array.from({ length: 100 }, (_, number) => permission(`${ofAgents} && resource.agentId != "x${number}"`)),
  conditions,
);
/** As callers whom nobody has asked about yet. */
async function strangers(count: number, kept: readonly Permission[]): Promise<GivenPermission[][]> {
  return Promise.all(
    Array.from({ length: count }, async (_, number) => {
      const who = { ...principal, tenant: `acme-${number}`, grantees: ['demo'] };
      return (
        await Promise.all(kept.map((each) => permissionsOf(who, { get: async () => each }, conditions)))
      ).flat();
    }),
  );
}

const rounds = 1_000;
const plainUs =
  timed(20, () => {
    for (let round = 0; round < rounds; round++) grantsOf(plain, agent);
  }) / rounds;
grantsOf(one, agent);
const keptUs =
  timed(20, () => {
    for (let round = 0; round < rounds; round++) grantsOf(one, agent);
  }) / rounds;
const fresh = await strangers(300, [permission(ofAgents)]);
const askedUs = timed(300, (turn) => void grantsOf(fresh[turn] ?? one, agent));
const preparingUs = timed(1, () => void grantsOf(hundred, agent));
const hundredKeptUs = timed(20, () => void grantsOf(hundred, agent));
const freshHundred = await strangers(
  20,
  hundred.map(({ conditionHolds: _, looksAt: __, ...kept }) => kept),
);
const hundredAskedUs = timed(20, (turn) => void grantsOf(freshHundred[turn] ?? hundred, agent));
const list = (permissions: GivenPermission[]) => {
  for (const each of agents) grantsOf(permissions, each);
};
const listPlainUs = timed(10, () => list(plain));
const listFirst = await strangers(5, [permission(ofAgents)]);
const listFirstUs = timed(5, (turn) => list(listFirst[turn] ?? one));
const listKeptUs = timed(10, () => list(listFirst[0] ?? one));

const rows: readonly (readonly [string, number, number])[] = [
  ['a verdict, condition asked before', keptUs, plainUs],
  ['a verdict, condition asked the first time', askedUs, plainUs],
  ['100 conditions, asked before', hundredKeptUs, plainUs],
  ['100 conditions, asked the first time', hundredAskedUs, plainUs],
  ['100 conditions, not prepared yet', preparingUs, plainUs],
  ['1 000 agents, asked before', listKeptUs, listPlainUs],
  ['1 000 agents, asked the first time', listFirstUs, listPlainUs],
];
console.log(
  `loading Cedar: ${(loadUs / 1_000).toFixed(0)} ms; a verdict without conditions: ${plainUs.toFixed(2)} us`,
);
for (const [name, us, base] of rows)
  console.log(`${name}: ${us.toFixed(1)} us, ${(us / base).toFixed(0)} times that without conditions`);
