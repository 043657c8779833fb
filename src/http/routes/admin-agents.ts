import * as z from 'zod';
import { adminScope, hasScope, type Principal } from '../../access/principal.ts';
import { authSchema } from '../../backends/auth-schema.ts';
import {
  agentDeadlinesSchema,
  agentLimitsSchema,
  backendSchema,
  caCertificates,
} from '../../backends/backend-config.ts';
import { text, url } from '../../backends/limits.ts';
import { GatewayError } from '../../failure.ts';
import { type Agent, agentStatuses, type Owner } from '../../registry/agent.ts';
import { agentView } from '../../registry/agent-view.ts';
import { cardSignatures } from '../../registry/card-trust-schema.ts';
import {
  agentId,
  lenientVersions,
  ownership,
  protocolVersions,
  tags,
} from '../../registry/registration-schema.ts';
import type { AgentFilter } from '../../store/port.ts';
import { agentAnswer, managedAgent, writerOf } from '../managed-agent.ts';
import { pageMembers, pageRequest } from '../paging.ts';
import { requireMatch, requireSeen, revisionTag } from '../precondition.ts';
import { json, noContent } from '../respond.ts';
import { type Call, type Route, withBody } from '../route.ts';

const auth = authSchema();

const registration = z.strictObject({
  agentId,
  agentCardUrl: url.optional().describe('Needed where the kind of backend does not know it.'),
  backendUrl: url.optional(),
  backend: backendSchema.optional(),
  authConfig: auth.default({ type: 'none' }),
  caCertificates: caCertificates.optional(),
  deadlines: agentDeadlinesSchema.optional(),
  limits: agentLimitsSchema.optional(),
  tags: tags.default([]),
  owner: text.optional(),
  publicCard: z.boolean().default(false),
  protocolVersions: protocolVersions.optional(),
  lenientVersions: lenientVersions.optional(),
  ownership: ownership.optional(),
  cardSignatures: cardSignatures.optional(),
});

const change = z.strictObject({
  agentCardUrl: url.optional(),
  backendUrl: url.nullable().optional(),
  backend: backendSchema.nullable().optional(),
  authConfig: auth.optional(),
  caCertificates: caCertificates.nullable().optional(),
  deadlines: agentDeadlinesSchema.nullable().optional(),
  limits: agentLimitsSchema.nullable().optional(),
  tags: tags.optional(),
  owner: text.optional(),
  publicCard: z.boolean().optional(),
  protocolVersions: protocolVersions.nullable().optional(),
  lenientVersions: lenientVersions.optional(),
  ownership: ownership.optional(),
  cardSignatures: cardSignatures.nullable().optional(),
});

const statusChange = z.strictObject({ status: z.enum(agentStatuses), reason: text.optional() });

/** Managing agents: administrators all of them, owners their own. */
export const adminAgentRoutes: readonly Route[] = [
  withBody({
    method: 'POST',
    path: '/admin/agents',
    access: 'manager',
    summary: 'Register an agent; `?validateOnly=true` checks and writes nothing',
    answers: [200, 201],
    query: { validateOnly: 'true: answer what would be registered' },
    body: registration,
    async handle(call, { management, config }) {
      const { owner, ...given } = call.body;
      const complete = {
        ...given,
        owner: ownerFor(call.principal, owner),
        by: writerOf(call),
      };
      const { registry } = await management();
      if (isValidateOnly(call.query)) return json(call, agentView(await registry.check(complete)));
      const agent = await registry.register(complete);
      const location = `${config.publicUrl.replace(/\/$/, '')}/admin/agents/${agent.agentId}`;
      return agentAnswer(call, agent, 201, { location });
    },
  }),
  {
    method: 'GET',
    path: '/admin/agents',
    access: 'manager',
    summary: 'All agents, or those one owns',
    answers: [200],
    query: {
      pageSize: '1 to 100, default 50',
      pageToken: 'from the page before',
      status: 'only this status',
      tag: 'only this tag',
    },
    async handle(call, { store }) {
      const page = await store.agents.list(managedFilter(call), pageRequest(call.query));
      return json(call, { agents: page.items.map(agentView), ...pageMembers(page) });
    },
  },
  {
    method: 'GET',
    path: '/admin/agents/{agentId}',
    access: 'manager',
    summary: 'One agent, without its secrets',
    answers: [200],
    handle: async (call, services) => agentAnswer(call, await managedAgent(call, services)),
  },
  withBody({
    method: 'PATCH',
    path: '/admin/agents/{agentId}',
    access: 'manager',
    summary:
      "Change an agent; needs If-Match. An owner's change of address, tags, publicCard, ownership or cardSignatures waits for approval",
    answers: [200],
    body: change,
    async handle(call, services) {
      const agent = await managedAgent(call, services);
      requireMatch(call.request, agent.revision, true);
      const { owner, ...given } = call.body;
      const newOwner = owner === undefined ? undefined : ownerFor(call.principal, owner);
      const written = { ...given, owner: newOwner };
      const { registry } = await services.management();
      return agentAnswer(call, await registry.update(agent, written, writerOf(call)));
    },
  }),
  {
    method: 'DELETE',
    path: '/admin/agents/{agentId}',
    access: 'manager',
    summary: 'Delete an agent and its secrets; needs If-Match',
    answers: [204],
    async handle(call, services) {
      const agent = await managedAgent(call, services);
      requireMatch(call.request, agent.revision, true);
      // Deleting and registering again would be a way out of quarantine.
      if (agent.status === 'quarantined') requireAdmin(call.principal);
      const { registry } = await services.management();
      await registry.remove(agent, writerOf(call));
      return noContent(call);
    },
  },
  withBody({
    method: 'PATCH',
    path: '/admin/agents/{agentId}/status',
    access: 'manager',
    summary:
      'Set the status; owners may only deactivate, and not out of quarantine. To activate one that is pending or quarantined needs its own ETag as If-Match',
    answers: [200],
    body: statusChange,
    async handle(call, services) {
      const { status, reason } = call.body;
      const agent = await managedAgent(call, services);
      if (status !== 'inactive' || agent.status === 'quarantined') requireAdmin(call.principal);
      if (status === 'active' && isUnapproved(agent)) requireSeen(call.request, revisionTag(agent.revision));
      else requireMatch(call.request, agent.revision, false);
      const { registry } = await services.management();
      return agentAnswer(call, await registry.setStatus(agent, status, writerOf(call), reason));
    },
  }),
];

/** Its owner may change it at any moment without a word to anybody, so that who approves says what was looked at. */
function isUnapproved({ status }: Agent): boolean {
  return status === 'pending' || status === 'quarantined';
}

/** A misspelled value must not turn a dry run into a registration. */
function isValidateOnly(query: string): boolean {
  const text = new URLSearchParams(query).get('validateOnly') ?? 'false';
  if (text === 'true' || text === 'false') return text === 'true';
  throw new GatewayError({
    code: 'parameter_invalid',
    parameter: 'validateOnly',
    problem: 'true or false',
  });
}

function requireAdmin(principal: Principal): void {
  if (!hasScope(principal, adminScope)) throw new GatewayError({ code: 'scope_missing', scope: adminScope });
}

/** Owners register for themselves; administrators for any subject of their own issuer. */
function ownerFor(principal: Principal, subject: string | undefined): Owner {
  if (subject !== undefined && subject !== principal.subject) requireAdmin(principal);
  return { issuer: principal.issuer, subject: subject ?? principal.subject };
}

function managedFilter({ principal, query }: Call & { principal: Principal }): AgentFilter {
  const parameters = new URLSearchParams(query);
  const asked = parameters.get('status');
  const status = agentStatuses.find((known) => known === asked);
  if (asked !== null && status === undefined) {
    throw new GatewayError({
      code: 'parameter_invalid',
      parameter: 'status',
      problem: agentStatuses.join(', '),
    });
  }
  const tagged = parameters.get('tag');
  return {
    ...(status !== undefined && { status }),
    ...(tagged !== null && { tag: tagged }),
    ...(!hasScope(principal, adminScope) && {
      owner: { issuer: principal.issuer, subject: principal.subject },
    }),
  };
}
