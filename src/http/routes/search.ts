import * as z from 'zod';
import { facetCapabilities } from '../../search/document.ts';
import { type FoundAgent, findAgents } from '../find-agents.ts';
import { json } from '../respond.ts';
import { type Route, withBody } from '../route.ts';

export const maxQueryChars = 1_000;

const searchBody = z.strictObject({
  query: z
    .string()
    .trim()
    .min(1, { error: 'must not be blank' })
    .max(maxQueryChars)
    .describe('What is needed, in a sentence or a few words; or an id, a name, a tag.'),
  topK: z.int().min(1).max(100).default(10).describe('How many agents at most.'),
  tags: z
    .array(z.string().min(1).max(64))
    .max(20)
    .default([])
    .describe('Only agents with all of these tags.'),
  protocolBinding: z.enum(['JSONRPC', 'HTTP+JSON']).optional().describe('Only agents that speak it.'),
  protocolVersion: z
    .string()
    .regex(/^\d+\.\d+$/)
    .optional()
    .describe('Only agents that speak this version of A2A, such as `1.0`.'),
  capability: z.enum(facetCapabilities).optional().describe('Only agents whose card declares it.'),
});

/** Finding agents by what they do. */
export const searchRoutes: readonly Route[] = [
  withBody({
    method: 'POST',
    path: '/search',
    access: 'principal',
    summary: 'Agents this caller may call that fit a need, the best first',
    answers: [200],
    query: { explain: '`true`: with each agent why it was found' },
    body: searchBody,
    async handle(call, services) {
      const { query, topK, tags } = call.body;
      const found = await findAgents(
        call.principal,
        { query, limit: topK, tags, facets: facetsOf(call.body) },
        call.note,
        services,
      );
      const explain = new URLSearchParams(call.query).get('explain') === 'true';
      return json(call, {
        results: found.agents.map((agent) => shown(agent, explain)),
        query,
        totalMatches: found.total,
        ...(!found.isTotalExact && { totalIsLowerBound: true }),
        mode: found.modelId === undefined ? 'lexical' : 'hybrid',
        ...(explain && found.modelId !== undefined && { model: found.modelId }),
      });
    },
  }),
];

function facetsOf({ protocolBinding, protocolVersion, capability }: z.output<typeof searchBody>): string[] {
  return [
    ...(protocolBinding === undefined ? [] : [`binding:${protocolBinding}`]),
    ...(protocolVersion === undefined ? [] : [`version:${protocolVersion}`]),
    ...(capability === undefined ? [] : [`capability:${capability}`]),
  ];
}

function shown({ hit, ...agent }: FoundAgent, explain: boolean): Record<string, unknown> {
  if (!explain) return agent;
  const { exact, lexical, vector } = hit;
  return { ...agent, explanation: { exact, lexical, vector } };
}
