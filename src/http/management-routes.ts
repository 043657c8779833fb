import type { Route } from './route.ts';
import { adminAgentRoutes } from './routes/admin-agents.ts';
import { adminAuditRoutes } from './routes/admin-audit.ts';
import { adminCardRoutes } from './routes/admin-cards.ts';
import { adminExplainRoutes } from './routes/admin-explain.ts';
import { adminHealthRoutes } from './routes/admin-health.ts';
import { adminPermissionRoutes } from './routes/admin-permissions.ts';
import { adminPushRoutes } from './routes/admin-push.ts';
import { adminRevocationRoutes } from './routes/admin-revocations.ts';
import { discoveryRoutes } from './routes/discovery.ts';
import { documentRoutes } from './routes/document.ts';
import { searchRoutes } from './routes/search.ts';
import { serviceRoutes } from './routes/service.ts';

/** Finding agents, managing them, and what the gateway says of itself. */
export const managementRoutes: readonly Route[] = [
  ...documentRoutes,
  ...serviceRoutes,
  ...discoveryRoutes,
  ...searchRoutes,
  ...adminAgentRoutes,
  ...adminCardRoutes,
  ...adminHealthRoutes,
  ...adminExplainRoutes,
  ...adminPermissionRoutes,
  ...adminRevocationRoutes,
  ...adminPushRoutes,
  ...adminAuditRoutes,
];
