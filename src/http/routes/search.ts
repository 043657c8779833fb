import { searchQuery } from '../../directory/search-query.ts';
import { GatewayError } from '../../failure.ts';
import { type FoundAgent, findAgents } from '../find-agents.ts';
import { json } from '../respond.ts';
import { type Route, withBody } from '../route.ts';

/** Finding agents by what they do. */
export const searchRoutes: readonly Route[] = [
  withBody({
    method: 'POST',
    path: '/search',
    access: 'principal',
    isDiscovery: true,
    summary: 'Agents this caller may call that fit a need, the best first',
    answers: [200],
    query: { explain: '`true`: with each agent why it was found' },
    body: searchQuery,
    async handle(call, services) {
      const explain = isExplained(call.query);
      const found = await findAgents(call.principal, call.body, call.note, services);
      return json(call, {
        results: found.agents.map((agent) => shown(agent, explain)),
        query: call.body.query,
        totalMatches: found.total,
        ...(!found.isTotalExact && { totalIsLowerBound: true }),
        mode: found.modelId === undefined ? 'lexical' : 'hybrid',
        ...(explain && found.modelId !== undefined && { model: found.modelId }),
      });
    },
  }),
];

function isExplained(query: string): boolean {
  const text = new URLSearchParams(query).get('explain') ?? 'false';
  if (text === 'true' || text === 'false') return text === 'true';
  throw new GatewayError({ code: 'parameter_invalid', parameter: 'explain', problem: 'true or false' });
}

function shown({ hit, ...agent }: FoundAgent, explain: boolean): Record<string, unknown> {
  if (!explain) return agent;
  const { exact, lexical, vector } = hit;
  return { ...agent, explanation: { exact, lexical, vector } };
}
