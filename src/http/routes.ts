import { callRoutes } from './call-routes.ts';
import { managementRoutes } from './management-routes.ts';
import type { Route } from './route.ts';

/**
 * Every route there is. Who may use each stands in its row. In two tables, because a process may serve one of them, and
 * then starts with nothing of the other.
 */
export const routes: readonly Route[] = [...managementRoutes, ...callRoutes];
