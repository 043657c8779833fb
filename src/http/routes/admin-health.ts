import { healthView } from '../health-view.ts';
import { managedAgent } from '../managed-agent.ts';
import { json } from '../respond.ts';
import type { Route } from '../route.ts';

/** How agents do: administrators see all of them, owners their own. */
export const adminHealthRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/admin/agents/{agentId}/health',
    access: 'manager',
    summary: 'How one agent does, as the processes that call it have seen it',
    answers: [200],
    async handle(call, services) {
      const agent = await managedAgent(call, services);
      return json(call, healthView(agent, await services.health.of(agent)));
    },
  },
];
