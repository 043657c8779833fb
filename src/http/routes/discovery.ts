import { type GivenPermission, grantingScopes } from '../../access/authorize.ts';
import { permissionsOf } from '../../access/permissions-of.ts';
import type { Agent } from '../../registry/agent.ts';
import { isReservedAgentId } from '../../registry/registration-schema.ts';
import type { Page } from '../../store/port.ts';
import { cardFor } from '../cards.ts';
import { pageMembers, pageRequest } from '../paging.ts';
import { json } from '../respond.ts';
import type { Route } from '../route.ts';
import { visibleTo } from '../visible.ts';

/** Which agents a caller may call. */
export const discoveryRoutes: readonly Route[] = ['/agents', '/agents/'].map((path) => ({
  method: 'GET',
  path,
  access: 'principal',
  isDiscovery: true,
  summary: 'Active agents this caller may call, with their cards',
  answers: [200],
  query: {
    pageSize: '1 to 100, default 50',
    pageToken: 'from the page before',
    tag: 'only agents with this tag',
  },
  async handle(call, services) {
    const permissions = await permissionsOf(call.principal, services.store.permissions, services.conditions);
    const tag = new URLSearchParams(call.query).get('tag');
    const page = shownOf(
      permissions,
      await services.store.agents.list(
        { status: 'active', ...(await visibleTo(permissions, services)), ...(tag !== null && { tag }) },
        pageRequest(call.query),
      ),
    );
    const agents = await Promise.all(
      page.items.map(async (agent) => ({
        agentId: agent.agentId,
        agentCard: await cardFor(agent, grantingScopes(permissions, agent), services),
      })),
    );
    return json(call, { agents, ...pageMembers(page) });
  },
}));

/**
 * What was registered before its id was reserved cannot be called, so it is neither shown nor counted where it stood; nor is
 * an agent that no longer is what a condition was asked about.
 */
function shownOf(permissions: readonly GivenPermission[], page: Page<Agent>): Page<Agent> {
  const items = page.items.filter(
    (agent) => !isReservedAgentId(agent.agentId) && grantingScopes(permissions, agent).length > 0,
  );
  return { ...page, items, totalSize: page.totalSize - (page.items.length - items.length) };
}
