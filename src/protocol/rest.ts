import { fail, ok, type Result } from '../failure.ts';
import { checkGuardedValues } from './guarded.ts';
import { type Guard, guardOf, inspect, isRecord, parseJson } from './json.ts';
import { type Operation, operations } from './operations.ts';

/** An HTTP+JSON request line matched to an operation (A2A §11.3). */
export interface RestMatch {
  operation: Operation;
  /** Path bindings, decoded once: `id`, `taskId`. */
  bindings: Readonly<Record<string, string>>;
}

interface CompiledRoute {
  operation: Operation;
  methods: readonly string[];
  pattern: RegExp;
  names: readonly string[];
}

const routes: readonly CompiledRoute[] = operations.map(compileRoute);

/** `{name}` becomes one segment; a literal verb follows the last colon, so an id may hold colons of its own. */
function compileRoute(operation: Operation): CompiledRoute {
  const { method, alsoMethods = [], path } = operation.rest;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const pattern = new RegExp(`^${path.replace(/\{\w+\}/g, '([^/]+)')}$`);
  return { operation, methods: [method, ...alsoMethods], pattern, names };
}

/**
 * Which operation a method and a canonical path (relative to the interface URL, without query) name.
 * Failures: `route_not_found`, `method_not_allowed`; `path_refused` for an id that ends in a verb, because an agent that
 * decodes before it routes would act on it.
 */
export function matchRest(method: string, path: string): Result<RestMatch> {
  const allow = new Set<string>();
  for (const route of bySpecificity(path)) {
    const match = route.pattern.exec(path);
    if (match === null) continue;
    if (!route.methods.includes(method)) {
      for (const allowed of route.methods) allow.add(allowed);
      continue;
    }
    const values = match.slice(1).map(decodeURIComponent);
    if (values.some((value) => verb.test(value))) return fail({ code: 'path_refused', rule: 'verb' });
    const bindings = Object.fromEntries(route.names.map((name, index) => [name, values[index] ?? '']));
    return ok({ operation: route.operation, bindings });
  }
  if (allow.size > 0) return fail({ code: 'method_not_allowed', allow: [...allow].join(', ') });
  return fail({ code: 'route_not_found' });
}

const verb = /:(?:cancel|subscribe)$/;

/** `/tasks/t1:cancel` is a cancel, never a task named `t1:cancel`. */
function bySpecificity(path: string): readonly CompiledRoute[] {
  const named = verb.exec(path)?.[0];
  return named === undefined ? routes : routes.filter((route) => route.operation.rest.path.endsWith(named));
}

/** The operation's path with its bindings put back, each encoded as one segment. */
export function restPath(operation: Operation, bindings: Readonly<Record<string, string>>): string {
  return operation.rest.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(bindings[name] ?? ''),
  );
}

/** A JSON body as received, and parsed. */
export interface RestBody {
  text: string;
  value: Readonly<Record<string, unknown>>;
}

const guards: ReadonlyMap<string, Guard> = new Map(
  operations.map((operation) => [operation.name, guardOf(operation.guarded)]),
);

/**
 * Reads the body of an HTTP+JSON request; undefined where there is none and none is needed.
 * What the path has bound may stand in the body only with the same value.
 * Failures: `body_malformed`, `member_refused` (also with rule `path`).
 */
export function parseRestBody(
  body: string,
  { operation, bindings }: RestMatch,
): Result<RestBody | undefined> {
  if (body === '' && operation.body === 'optional') return ok(undefined);
  const parsed = parseJson(body);
  if (!parsed.ok) return parsed;
  const { text, value } = parsed.value;
  if (!isRecord(value)) return fail({ code: 'body_malformed', problem: 'object' });
  const inspected = inspect(text, guards.get(operation.name) ?? guardOf([]));
  if (!inspected.ok) return inspected;
  const checked = checkGuardedValues(value, operation.guarded, '');
  if (!checked.ok) return checked;
  for (const [name, bound] of Object.entries(bindings)) {
    if (Object.hasOwn(value, name) && value[name] !== bound && value[name] !== '') {
      return fail({ code: 'member_refused', member: name, rule: 'path' });
    }
  }
  return ok({ text, value });
}
