import type { ScopedRoute } from '../../access/invoke-policy.ts';
import { directoryAgentId } from '../../registry/registration-schema.ts';

/**
 * The routes of `http/routes.ts` that take a token and belong to no permission, as the authorizer needs them. Written down
 * again because the table itself brings every handler and schema along; a test compares the two.
 *
 * Cards are not among them, nor are routes for anyone: they have no authorizer. Whether a card is public stands in the
 * store, so that is left to the core.
 */
export const edgeRoutes: readonly ScopedRoute[] = [
  { method: 'GET', path: '/agents', access: 'principal' },
  { method: 'GET', path: '/agents/', access: 'principal' },
  { method: 'POST', path: '/search', access: 'principal' },
  { method: 'POST', path: '/admin/agents', access: 'manager' },
  { method: 'GET', path: '/admin/agents', access: 'manager' },
  { method: 'GET', path: '/admin/agents/{agentId}', access: 'manager' },
  { method: 'PATCH', path: '/admin/agents/{agentId}', access: 'manager' },
  { method: 'DELETE', path: '/admin/agents/{agentId}', access: 'manager' },
  { method: 'PATCH', path: '/admin/agents/{agentId}/status', access: 'manager' },
  { method: 'POST', path: '/admin/agents/{agentId}/sync', access: 'manager' },
  { method: 'GET', path: '/admin/agents/{agentId}/candidate', access: 'manager' },
  { method: 'POST', path: '/admin/agents/{agentId}/candidate/approve', access: 'admin' },
  { method: 'DELETE', path: '/admin/agents/{agentId}/candidate', access: 'admin' },
  { method: 'GET', path: '/admin/agents/{agentId}/versions', access: 'manager' },
  { method: 'GET', path: '/admin/agents/{agentId}/versions/{version}', access: 'manager' },
  { method: 'POST', path: '/admin/agents/{agentId}/rollback', access: 'admin' },
  { method: 'GET', path: '/admin/agents/{agentId}/health', access: 'manager' },
  { method: 'POST', path: '/admin/permissions/explain', access: 'admin' },
  { method: 'GET', path: '/admin/permissions', access: 'admin' },
  { method: 'GET', path: '/admin/permissions/{scope}', access: 'admin' },
  { method: 'PUT', path: '/admin/permissions/{scope}', access: 'admin' },
  { method: 'DELETE', path: '/admin/permissions/{scope}', access: 'admin' },
  { method: 'GET', path: '/admin/revocations', access: 'admin' },
  { method: 'POST', path: '/admin/revocations', access: 'admin' },
  { method: 'GET', path: '/admin/revocations/{revocationId}', access: 'admin' },
  { method: 'DELETE', path: '/admin/revocations/{revocationId}', access: 'admin' },
  { method: 'GET', path: '/admin/audit', access: 'admin' },
  { method: 'GET', path: '/admin/usage', access: 'admin' },
  { method: 'GET', path: '/admin/push/dead-letters', access: 'admin' },
  { method: 'POST', path: '/admin/push/dead-letters/{deliveryId}/retry', access: 'admin' },
  { method: 'DELETE', path: '/admin/push/dead-letters/{deliveryId}', access: 'admin' },
];

/** The directory, where there is a search: every principal may call it, with every verb that its bindings know. */
export const directoryRoutes: readonly ScopedRoute[] = [
  { method: 'POST', path: `/agents/${directoryAgentId}`, access: 'principal' },
  { method: 'GET', path: `/agents/${directoryAgentId}/{operation...}`, access: 'principal' },
  { method: 'POST', path: `/agents/${directoryAgentId}/{operation...}`, access: 'principal' },
  { method: 'DELETE', path: `/agents/${directoryAgentId}/{operation...}`, access: 'principal' },
];
