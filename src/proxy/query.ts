import { fail, ok, type Result } from '../failure.ts';
import { folded } from '../protocol/json.ts';
import type { RestMatch } from '../protocol/rest.ts';

/** The query parameter that carries the protocol version (A2A §3.6.1); the header speaks upstream. */
const versionParameter = 'a2a-version';

/** Members that name what a call is about; in a query they may be spelled one way, stand once, and not repeat the path. */
const guardedNames: ReadonlyMap<string, string> = new Map(
  ['tenant', 'id', 'taskId', 'contextId', 'name', 'parent'].map((name) => [folded(name), name]),
);

/**
 * The query a GET or DELETE hands on (A2A §11.5): as received, letter for letter, but for the version.
 *
 * Failures: `member_refused` with rule `alias`, `duplicate`, `tenant` or `path` (the path names it).
 */
export function upstreamQuery(
  query: string,
  { route, bound }: Pick<RestMatch, 'route' | 'bound'>,
): Result<string> {
  if (query === '' || route.method === 'POST') return ok('');
  const seen = new Set<string>();
  const kept: string[] = [];
  for (const pair of query.split('&')) {
    const name = nameOf(pair);
    if (name.trim().toLowerCase() === versionParameter) continue;
    const rule = brokenRule(name, seen, bound);
    if (rule !== undefined) return fail({ code: 'member_refused', member: name, rule });
    kept.push(pair);
  }
  return ok(kept.length === 0 ? '' : `?${kept.join('&')}`);
}

function brokenRule(name: string, seen: Set<string>, bound: readonly string[]): string | undefined {
  // Brackets and dots are around a nested name to some parsers: `tenant[]=x` and `[tenant]=x` are a tenant to them. Space
  // around it is lost on some, and not on what looks for whose the task is.
  const guarded = guardedNames.get(folded((/^[[.\s]*([^[\].]*)/.exec(name)?.[1] ?? '').trim()));
  if (guarded === undefined) return undefined;
  if (guarded !== name) return 'alias';
  if (guarded === 'tenant') return 'tenant';
  if (bound.includes(guarded)) return 'path';
  if (seen.has(guarded)) return 'duplicate';
  seen.add(guarded);
  return undefined;
}

/** `+` is a space to form parsers. */
function nameOf(pair: string): string {
  const name = pair.split('=', 1)[0] ?? '';
  return decodeURIComponent(name.replaceAll('+', ' '));
}
