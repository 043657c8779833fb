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
  segments: readonly Segment[];
}

/** One segment of a route's path: a literal, or what binds a name to one segment or to all that are left. */
type Segment = { literal: string } | { name: string; takesRest: boolean };

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
    segments: servedPath(route.path, agentsPath).split('/').map(compileSegment),
  }));

  return (method, path) => {
    const segments = path.split('/');
    const allow: string[] = [];
    for (const { route, segments: pattern } of compiled) {
      if (!fits(pattern, segments)) continue;
      const params = bind(pattern, segments);
      if (params.agentId !== undefined && !isAgentId(params.agentId)) {
        return fail({ code: 'path_refused', rule: 'agent_id' });
      }
      if (route.method === 'ALL' || route.method === method) return ok({ route, params });
      allow.push(route.method);
    }
    return fail(
      allow.length > 0
        ? { code: 'method_not_allowed', allow: [...new Set(allow)].join(', ') }
        : { code: 'route_not_found' },
    );
  };
}

/** A path of the route table as it is served. @param agentsPath the setting that stands for `/agents` in it */
export function servedPath(path: string, agentsPath: string): string {
  return path.replace(/(^|resource)\/agents(?=\/|$)/, `$1${agentsPath}`);
}

function compileSegment(text: string): Segment {
  const name = /^\{(\w+)(?:\.\.\.)?\}$/.exec(text)?.[1];
  return name === undefined ? { literal: text } : { name, takesRest: text.endsWith('...}') };
}

function fits(pattern: readonly Segment[], segments: readonly string[]): boolean {
  for (let index = 0; index < pattern.length; index++) {
    const expected = pattern[index];
    const segment = segments[index];
    if (expected === undefined || segment === undefined) return false;
    if ('literal' in expected) {
      if (segment !== expected.literal) return false;
    } else if (segment === '') return false;
    else if (expected.takesRest) return true;
  }
  return pattern.length === segments.length;
}

function bind(pattern: readonly Segment[], segments: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    if ('literal' in expected) continue;
    params[expected.name] = expected.takesRest ? segments.slice(index).join('/') : (segments[index] ?? '');
  }
  return params;
}
