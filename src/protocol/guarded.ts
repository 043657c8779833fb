import { fail, ok, type Result } from '../failure.ts';
import { isRecord } from './json.ts';
import { type Operation, operations } from './operations.ts';

/** Longest id taken from a request. */
export const maxIdChars = 1_024;

/**
 * Checks the values of an operation's guarded members: each a string (or, for `referenceTaskIds`, strings), and no
 * `tenant`, because no card of ours publishes one (A2A §8.3.2) and a forged one would reach another tenant of the agent.
 * `null` and the empty text are absence, as ProtoJSON reads them.
 *
 * @param prefix how the request object is called in the failure: `params.` or nothing
 * Failures: `member_refused` with rule `type`, `length` or `tenant`.
 */
export function checkGuardedValues(request: unknown, operation: Operation, prefix: string): Result<void> {
  for (const { path, names } of compiledPaths.get(operation.name) ?? []) {
    const value = valueAt(request, names);
    const rule = brokenRule(value, path);
    if (rule !== undefined) return fail({ code: 'member_refused', member: prefix + path, rule });
  }
  return ok(undefined);
}

const compiledPaths = new Map(
  operations.map(({ name, guarded }) => [name, guarded.map((path) => ({ path, names: path.split('.') }))]),
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
  for (const text of texts) {
    if (typeof text !== 'string') return 'type';
    if (text.length > maxIdChars && !path.endsWith('url')) return 'length';
  }
  return undefined;
}

const inlinePush = ['configuration', 'taskPushNotificationConfig'];

/** Whether a send carries a push configuration of its own, which needs the push capability and permission too. */
export function hasInlinePush(request: unknown, operation: Operation): boolean {
  if (!operation.guarded.includes('configuration.taskPushNotificationConfig.url')) return false;
  const config = valueAt(request, inlinePush);
  return config !== undefined && config !== null;
}
