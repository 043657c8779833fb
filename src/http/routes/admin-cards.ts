import * as z from 'zod';
import { GatewayError } from '../../failure.ts';
import { agentView, candidateView, cardVersionView } from '../../registry/agent-view.ts';
import { type CardCandidate, candidateOf } from '../../registry/candidate.ts';
import { type CardChange, cardDiffOf } from '../../registry/card-review.ts';
import type { PageRequest } from '../../store/port.ts';
import { agentAnswer, managedAgent, writerOf } from '../managed-agent.ts';
import { pageMembers, pageRequest } from '../paging.ts';
import { requireMatch, requireSeen, revisionTag } from '../precondition.ts';
import { json } from '../respond.ts';
import { type Call, type Route, withBody } from '../route.ts';

const rollBack = z.strictObject({ version: z.int().min(1) });

/** Which card an agent is served with: fetched again, judged, taken back. */
export const adminCardRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: '/admin/agents/{agentId}/sync',
    access: 'manager',
    summary:
      'Fetch the card again; 202: it waits for an administrator as the candidate. Answers what changed',
    answers: [200, 202],
    async handle(call, services) {
      const before = await managedAgent(call, services);
      requireMatch(call.request, before.revision, false);
      const { cards } = await services.management();
      const change = await cards.sync(before, writerOf(call));
      return changeAnswer(call, change, change.agent.candidate === undefined ? 200 : 202);
    },
  },
  {
    method: 'GET',
    path: '/admin/agents/{agentId}/candidate',
    access: 'manager',
    summary:
      'The card that waits for an administrator: what is risky of it, and how it differs from the served one',
    answers: [200],
    async handle(call, services) {
      const agent = await managedAgent(call, services);
      const candidate = candidateOf(agent);
      const diff = await cardDiffOf(agent, candidate);
      return json(call, { ...candidateView(candidate), diff }, 200, { etag: candidateTag(candidate) });
    },
  },
  {
    method: 'POST',
    path: '/admin/agents/{agentId}/candidate/approve',
    access: 'admin',
    summary: "Serve the candidate; needs the candidate's own ETag as If-Match",
    answers: [200],
    async handle(call, services) {
      const before = await managedAgent(call, services);
      requireSeen(call.request, candidateTag(candidateOf(before)));
      const { cards } = await services.management();
      return changeAnswer(call, await cards.approve(before, writerOf(call)));
    },
  },
  {
    method: 'DELETE',
    path: '/admin/agents/{agentId}/candidate',
    access: 'admin',
    summary: "Drop the candidate; needs the candidate's own ETag as If-Match",
    answers: [200],
    async handle(call, services) {
      const before = await managedAgent(call, services);
      requireSeen(call.request, candidateTag(candidateOf(before)));
      const { cards } = await services.management();
      return agentAnswer(call, await cards.reject(before, writerOf(call)));
    },
  },
  {
    method: 'GET',
    path: '/admin/agents/{agentId}/versions',
    access: 'manager',
    summary: 'The cards the agent was served with, the latest first',
    answers: [200],
    query: { pageSize: '1 to 100, default 50', pageToken: 'from the page before' },
    async handle(call, services) {
      const { agentId } = await managedAgent(call, services);
      const page = await services.store.cardVersions.list(agentId, versionPage(call));
      return json(call, { versions: page.items.map(cardVersionView), ...pageMembers(page) });
    },
  },
  {
    method: 'GET',
    path: '/admin/agents/{agentId}/versions/{version}',
    access: 'manager',
    summary: 'One of them, with its card',
    answers: [200],
    async handle(call, services) {
      const { agentId } = await managedAgent(call, services);
      const version = await services.store.cardVersions.get(agentId, versionOf(call.params.version));
      if (version === undefined) throw new GatewayError({ code: 'card_not_found' });
      return json(call, { ...cardVersionView(version), agentCard: version.card });
    },
  },
  withBody({
    method: 'POST',
    path: '/admin/agents/{agentId}/rollback',
    access: 'admin',
    summary: 'Serve the card of an earlier version, as the next one; needs If-Match. Answers what changed',
    answers: [200],
    body: rollBack,
    async handle(call, services) {
      const before = await managedAgent(call, services);
      requireMatch(call.request, before.revision, true);
      const { cards } = await services.management();
      return changeAnswer(call, await cards.rollBack(before, call.body.version, writerOf(call)));
    },
  }),
];

function changeAnswer(call: Call, { agent, diff }: CardChange, status = 200): Response {
  return json(call, { ...agentView(agent), diff }, status, { etag: revisionTag(agent.revision) });
}

function candidateTag({ digest }: CardCandidate): string {
  return `"${digest}"`;
}

/** What is no number is no version's. */
function versionOf(text = ''): number {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : 0;
}

/** @throws GatewayError `parameter_invalid` */
function versionPage({ query }: Call): PageRequest {
  const page = pageRequest(query);
  if (page.after === undefined || versionOf(page.after) > 0) return page;
  throw new GatewayError({ code: 'parameter_invalid', parameter: 'pageToken', problem: 'not a page token' });
}
