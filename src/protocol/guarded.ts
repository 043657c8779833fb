import { fail, ok, type Result } from '../failure.ts';
import { isRecord } from './json.ts';
import { inlinePushNames } from './message-members.ts';
import { operations } from './operations.ts';

/** Longest id taken from a request. */
export const maxIdChars = 1_024;
/** Most tasks a message refers to. */
const maxReferences = 64;

/**
 * Checks the values of a request's guarded members: each a string (or, for `referenceTaskIds`, strings), and no
 * `tenant`, because no card of ours publishes one (A2A §8.3.2) and a forged one would reach another tenant of the agent.
 * `null` and the empty text are absence, as ProtoJSON reads them.
 *
 * @param guarded those of the operation, in the version asked for
 * @param prefix how the request object is called in the failure: `params.` or nothing
 * Failures: `member_refused` with rule `type`, `length`, `count` or `tenant`.
 */
export function checkGuardedValues(
  request: unknown,
  guarded: readonly string[],
  prefix: string,
): Result<void> {
  for (const path of guarded) {
    const names = namesIn.get(path) ?? path.split('.');
    const value = valueAt(request, names);
    const rule = brokenRule(value, path);
    if (rule !== undefined) return fail({ code: 'member_refused', member: prefix + path, rule });
  }
  return ok(undefined);
}

/** The paths of the table, split once. */
const namesIn: ReadonlyMap<string, readonly string[]> = new Map(
  operations
    .flatMap(({ guarded, v0_3 }) => [...guarded, ...(v0_3?.guarded ?? []), ...(v0_3?.rest.guarded ?? [])])
    .map((path) => [path, path.split('.')]),
);

function valueAt(request: unknown, names: readonly string[]): unknown {
  let value = request;
  for (const name of names) {
    if (!isRecord(value)) return undefined;
    value = Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value;
}

function brokenRule(value: unknown, path: string): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (path === 'tenant' || path.endsWith('.tenant')) return 'tenant';
  const texts: unknown[] = path.endsWith('referenceTaskIds') && Array.isArray(value) ? value : [value];
  if (texts.length > maxReferences) return 'count';
  for (const text of texts) {
    if (typeof text !== 'string') return 'type';
    if (text.length > maxIdChars && !path.endsWith('url')) return 'length';
  }
  return undefined;
}

/** Whether a send carries a push configuration of its own, which needs the push capability and permission too. */
export function hasInlinePush(request: unknown, guarded: readonly string[]): boolean {
  return guarded.includes(`configuration.${inlinePushNames[0]}.url`) && inlinePushesIn(request).length > 0;
}

/** By which names a send carries push configurations of its own. */
export function inlinePushesIn(request: unknown): readonly string[] {
  return inlinePushNames.filter((name) => (valueAt(request, ['configuration', name]) ?? null) !== null);
}
