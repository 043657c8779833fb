import { fail, ok, type Result } from '../failure.ts';
import { isAgentId } from '../registry/agent.ts';
import type { Route } from './route.ts';

export interface Match {
  route: Route;
  /** Segments as they stand in the path, percent-encoding untouched. */
  params: Readonly<Record<string, string>>;
}

interface CompiledRoute {
  route: Route;
  segments: readonly string[];
}

/**
 * Matches a method and a canonical path to the first route that fits. It compares segments as they stand: decoding
 * here what is decoded again elsewhere would be a second canonicalisation.
 *
 * @param agentsPath the setting that stands for `/agents` in the routes' paths
 * Failures: `path_refused` for an agent id outside its pattern, `route_not_found`, `method_not_allowed`.
 */
export function createRouter(
  routes: readonly Route[],
  agentsPath: string,
): (method: string, path: string) => Result<Match> {
  const compiled: CompiledRoute[] = routes.map((route) => ({
    route,
    segments: route.path.replace(/(^|resource)\/agents(?=\/|$)/, `$1${agentsPath}`).split('/'),
  }));

  return (method, path) => {
    const segments = path.split('/');
    const allow = new Set<string>();
    for (const { route, segments: pattern } of compiled) {
      const params = bind(pattern, segments);
      if (params === undefined) continue;
      if (params.agentId !== undefined && !isAgentId(params.agentId)) {
        return fail({ code: 'path_refused', rule: 'agent_id' });
      }
      if (route.method === 'ALL' || route.method === method) return ok({ route, params });
      allow.add(route.method);
    }
    return fail(
      allow.size > 0
        ? { code: 'method_not_allowed', allow: [...allow].join(', ') }
        : { code: 'route_not_found' },
    );
  };
}

function bind(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const segment = segments[index];
    if (segment === undefined) return undefined;
    if (!expected.startsWith('{')) {
      if (segment !== expected) return undefined;
      continue;
    }
    if (segment === '') return undefined;
    if (expected.endsWith('...}')) {
      params[expected.slice(1, -4)] = segments.slice(index).join('/');
      return params;
    }
    params[expected.slice(1, -1)] = segment;
  }
  return pattern.length === segments.length ? params : undefined;
}
