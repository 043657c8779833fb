import fc from 'fast-check';
import { isAgentPattern, patternCovers } from '../../src/access/permission.ts';
import { type Agent, agentStatuses } from '../../src/registry/agent.ts';
import type { AgentFilter } from '../../src/store/port.ts';
import { anAgent } from './store-samples.ts';

// Few letters, few tags: patterns hit often, and the odd cases (an empty run, overlapping pieces) come up.
const ids = fc.stringMatching(/^[ab0](?:[ab0-]{0,5}[ab0])?$/);
const tags = fc.constantFrom('x', 'y', 'grün', '😀', 'a');
const owners = fc.constantFrom('kim', 'lee').map((subject) => ({ issuer: 'https://issuer.test', subject }));
const statuses = fc.constantFrom(...agentStatuses);

export const population = fc.uniqueArray(
  fc
    .record({ agentId: ids, status: statuses, tags: fc.array(tags, { maxLength: 3 }), owner: owners })
    .map((parts): Agent => ({ ...anAgent(parts.agentId), ...parts })),
  { maxLength: 14, selector: (agent) => agent.agentId },
);

const patterns = fc.oneof(
  { weight: 4, arbitrary: fc.stringMatching(/^[ab0*][ab0*-]{0,6}$/) },
  { weight: 1, arbitrary: ids },
  { weight: 2, arbitrary: tags.map((tag) => `tag:${tag}`) },
);

export const filters: fc.Arbitrary<AgentFilter> = fc.record(
  {
    status: statuses,
    tag: tags,
    owner: owners,
    patterns: fc.array(patterns.filter(isAgentPattern), { maxLength: 5 }),
    deniedPatterns: fc.array(patterns.filter(isAgentPattern), { maxLength: 3 }),
  },
  { requiredKeys: [] },
);

export function matches(agent: Agent, filter: AgentFilter): boolean {
  return (
    (filter.status === undefined || agent.status === filter.status) &&
    (filter.tag === undefined || agent.tags.includes(filter.tag)) &&
    (filter.owner === undefined || agent.owner.subject === filter.owner.subject) &&
    (filter.patterns === undefined || filter.patterns.some((pattern) => patternCovers(pattern, agent))) &&
    !filter.deniedPatterns?.some((pattern) => patternCovers(pattern, agent))
  );
}

export function byId(a: Agent, b: Agent): number {
  return a.agentId < b.agentId ? -1 : 1;
}
