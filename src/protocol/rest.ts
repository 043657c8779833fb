import { fail, ok, type Result } from '../failure.ts';
import { parseExact } from './exact-json.ts';
import { checkGuardedValues } from './guarded.ts';
import { type Guard, guardOf, inspect, isRecord, parseJson } from './json.ts';
import { type NamingMember, namingMembers, withNaming } from './named-ids.ts';
import { type Operation, operations, type RestRoute } from './operations.ts';
import { inBothSpellings, inCamelCase } from './v0_3/proto-names.ts';
import { brokenResourceName, conflictingConfigs } from './v0_3/resource-name.ts';
import type { ServedVersion } from './version.ts';

/** An HTTP+JSON request line matched to an operation (A2A §11.3). */
export interface RestMatch {
  operation: Operation;
  /** Which the path tells: below `/v1/` is 0.3. */
  version: ServedVersion;
  /** The operation's route in that version. */
  route: RestRoute;
  /** The guarded members of its body in that version. */
  guarded: readonly string[];
  /** Members of path, query and body that name a task or a context. */
  naming: readonly NamingMember[];
  /** Path bindings, decoded once: `id`, `taskId`. */
  bindings: Readonly<Record<string, string>>;
  /** Members the path has spoken for, which a query may not repeat. */
  bound: readonly string[];
}

interface CompiledRoute extends Pick<RestMatch, 'operation' | 'version' | 'route' | 'guarded' | 'naming'> {
  methods: readonly string[];
  pattern: RegExp;
  names: readonly string[];
}

/** The first segment of every 0.3 path; so no tenant of 1.0 can be called that (A2A §11.3). */
const legacyPrefix = '/v1/';

const routes: Readonly<Record<ServedVersion, readonly CompiledRoute[]>> = {
  '1.0': operations.map((operation) => compileRoute(operation, '1.0', operation.rest, operation.guarded)),
  '0.3': operations.flatMap((operation) => {
    const rest = operation.v0_3?.rest;
    return rest === undefined ? [] : [compileRoute(operation, '0.3', rest, rest.guarded)];
  }),
};

/** `{name}` becomes one segment; a literal verb follows the last colon, so an id may hold colons of its own. */
function compileRoute(
  operation: Operation,
  version: ServedVersion,
  route: RestRoute,
  ofBody: readonly string[],
): CompiledRoute {
  const { method, alsoMethods = [], path } = route;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const pattern = new RegExp(`^${path.replace(/\{\w+\}/g, '([^/]+)')}$`);
  const naming = namingMembers(operation, [...ofBody, ...names]);
  const guarded = withNaming(ofBody, naming);
  return { operation, version, route, guarded, naming, methods: [method, ...alsoMethods], pattern, names };
}

/**
 * Which operation a method and a canonical path (relative to the interface URL, without query) name, and of which
 * version. Failures: `route_not_found`, `method_not_allowed`; `path_refused` for an id that ends in a verb, because an
 * agent that decodes before it routes would act on it.
 */
export function matchRest(method: string, path: string): Result<RestMatch> {
  const allow = new Set<string>();
  for (const compiled of bySpecificity(path)) {
    const match = compiled.pattern.exec(path);
    if (match === null) continue;
    if (!compiled.methods.includes(method)) {
      for (const allowed of compiled.methods) allow.add(allowed);
      continue;
    }
    const values = match.slice(1).map(decodeURIComponent);
    if (values.some(endsInVerb)) return fail({ code: 'path_refused', rule: 'verb' });
    const { operation, version, route, guarded, naming, names } = compiled;
    const bindings = Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
    const bound = version === '0.3' ? [...names, ...legacyNames] : names;
    return ok({ operation, version, route, guarded, naming, bindings, bound });
  }
  if (allow.size > 0) return fail({ code: 'method_not_allowed', allow: [...allow].join(', ') });
  return fail({ code: 'route_not_found' });
}

/** How 0.3 names in a request what the path names: `tasks/{id}` (0.3 proto). */
const legacyNames = ['name', 'parent', 'id', 'taskId'];

const verb = /:(?:cancel|subscribe)$/;

function endsInVerb(id: string): boolean {
  return verb.test(id);
}

/**
 * Whether an id can stand in a path and be read there as what it is, by parsers that decode before they route, resolve
 * dots or decode twice. Ids from a path are such; those from a body need not be.
 */
export function canStandInPath(id: string): boolean {
  if (id === '' || id === '.' || id === '..' || endsInVerb(id)) return false;
  return !/[\p{Cc}\p{Cs}/\\]|%[0-9a-f]{2}/iu.test(id);
}

/** The version of a canonical path, one that is no route included: in its words a refusal is. */
export function restVersionOf(path: string): ServedVersion {
  return path.startsWith(legacyPrefix) ? '0.3' : '1.0';
}

/** `/tasks/t1:cancel` is a cancel, never a task named `t1:cancel`. */
function bySpecificity(path: string): readonly CompiledRoute[] {
  const ofVersion = routes[restVersionOf(path)];
  const named = verb.exec(path)?.[0];
  return named === undefined ? ofVersion : ofVersion.filter(({ route }) => route.path.endsWith(named));
}

/** A route's path with its bindings put back, each encoded as one segment. */
export function restPath({ path }: RestRoute, bindings: Readonly<Record<string, string>>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(bindings[name] ?? ''));
}

/** A JSON body as received, and parsed. */
export interface RestBody {
  text: string;
  /** In 0.3 with the guarded members under their camel-case names, whichever of their names they were given by. */
  value: Readonly<Record<string, unknown>>;
}

const guards: ReadonlyMap<RestRoute, Guard> = new Map(
  Object.values(routes)
    .flat()
    .map(({ route, guarded }) => [route, guardOf(guarded)]),
);

/** Of the text of a 0.3 body, where a member stands under either name. */
const textGuards: ReadonlyMap<RestRoute, Guard> = new Map(
  routes['0.3'].map(({ route, guarded }) => [route, guardOf(inBothSpellings(guarded))]),
);

/**
 * Reads the body of an HTTP+JSON request; undefined where there is none and none is needed.
 * What the path has bound may stand in the body only with the same value.
 * Failures: `body_malformed`, `member_refused` (also with rule `path`).
 */
export function parseRestBody(body: string, match: RestMatch): Result<RestBody | undefined> {
  const { operation, route, version } = match;
  if (body === '' && operation.body === 'optional') return ok(undefined);
  const parsed = parseJson(body);
  if (!parsed.ok) return parsed;
  const { text, value } = parsed.value;
  // Clients of 0.3 in Go and Python write `null` where they have no body.
  if (value === null && operation.body === 'optional' && version === '0.3') return ok(undefined);
  if (!isRecord(value)) return fail({ code: 'body_malformed', problem: 'object' });
  const guard = guards.get(route) ?? guardOf([]);
  const inspected = inspect(text, textGuards.get(route) ?? guard);
  if (!inspected.ok) return inspected;
  const canonical = version === '0.3' ? inCamelCase(value, guard) : ok(value);
  if (!canonical.ok) return canonical;
  const checked = checkBody(canonical.value, match);
  return checked.ok ? ok({ text, value: canonical.value }) : checked;
}

/** What a body says, its numbers spelled as they were. @param body as {@link parseRestBody} read it, so that nothing here fails */
export function exactRestBody({ text }: RestBody, { route, version }: RestMatch): RestBody['value'] {
  const value = parseExact(text);
  if (!isRecord(value)) return {};
  const canonical = version === '0.3' ? inCamelCase(value, guards.get(route) ?? guardOf([])) : ok(value);
  return canonical.ok ? canonical.value : {};
}

function checkBody(value: Readonly<Record<string, unknown>>, match: RestMatch): Result<void> {
  const { bindings, guarded, version } = match;
  const checked = checkGuardedValues(value, guarded, '');
  if (!checked.ok) return checked;
  for (const [name, bound] of Object.entries(bindings)) {
    if (Object.hasOwn(value, name) && value[name] !== bound && value[name] !== '') return otherThanPath(name);
  }
  if (version === '1.0') return ok(undefined);
  const misnamed = brokenResourceName(value, bindings.id ?? bindings.taskId);
  if (misnamed !== undefined) return otherThanPath(misnamed);
  if (!conflictingConfigs(value)) return ok(undefined);
  return fail({ code: 'member_refused', member: 'config', rule: 'duplicate' });
}

function otherThanPath(member: string): Result<void> {
  return fail({ code: 'member_refused', member, rule: 'path' });
}
