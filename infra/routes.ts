import { callRoutes } from '../src/http/call-routes.ts';
import type { Route } from '../src/http/route.ts';
import { servedPath } from '../src/http/router.ts';
import { cardRoutes } from '../src/http/routes/card.ts';
import { pushRoutes } from '../src/http/routes/push.ts';
import { routes } from '../src/http/routes.ts';
import { operations } from '../src/protocol/operations.ts';

/** A method of the REST API. */
export interface ApiMethod {
  readonly verb: string;
  /** As API Gateway spells it: `/agents/{agentId}/{operation+}`. */
  readonly path: string;
  readonly function: 'data-plane' | 'management';
  /** Whether a token is needed to get past the edge. */
  readonly isAuthorized: boolean;
}

/** Where a token is not needed, or is none of an issuer's: a card may be public, and an agent proves itself by a secret. */
const coreDecides = [...cardRoutes, ...pushRoutes];

/**
 * The core's route table as methods of a REST API, so that a route cannot be forgotten here. Each function
 * has the table it serves.
 *
 * @param agentsPath the setting that stands for `/agents` in the routes' paths
 */
export function apiMethods(agentsPath: string): ApiMethod[] {
  // API Gateway takes a path with a slash at its end for the one without.
  const distinct = routes.filter(({ path }) => !path.endsWith('/'));
  return distinct.flatMap((route) =>
    verbsOf(route).map((verb) => ({
      verb,
      path: servedPath(route.path, agentsPath).replace('...}', '+}'),
      function: callRoutes.includes(route) ? ('data-plane' as const) : ('management' as const),
      isAuthorized: route.access !== 'anyone' && !coreDecides.includes(route),
    })),
  );
}

/** Spelled out, because the authorizer's policies name verbs: for a route that takes all, those of the binding. */
function verbsOf({ method }: Route): string[] {
  if (method !== 'ALL') return [method];
  return [...new Set(operations.flatMap(({ rest }) => [rest.method, ...(rest.alsoMethods ?? [])]))].sort();
}
