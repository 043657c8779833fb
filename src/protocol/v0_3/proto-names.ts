import { fail, ok, type Result } from '../../failure.ts';
import { type Guard, isRecord } from '../json.ts';

/**
 * The two names ProtoJSON has for a member: the camel-case one, and the proto's own, in which the Python SDK writes its
 * requests of 0.3. Parsers take either, so either is taken, but not both at once.
 */

/** What the 0.3 proto calls by a name that is not the camel-case one in snake case. */
const ownNames: Readonly<Record<string, string>> = { message: 'request' };

/** The proto's own name of a guarded member. */
function protoName(name: string): string {
  return ownNames[name] ?? snakeCase(name);
}

export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** Dotted paths in all their spellings: `message.taskId`, `message.task_id`, `request.taskId`, `request.task_id`. */
export function inBothSpellings(paths: readonly string[]): string[] {
  return [...new Set(paths.flatMap((path) => spellingsOf(path.split('.'))))];
}

function spellingsOf([name = '', ...inner]: readonly string[]): string[] {
  const names = [name, protoName(name)];
  if (inner.length === 0) return names;
  return spellingsOf(inner).flatMap((rest) => names.map((spelled) => `${spelled}.${rest}`));
}

/**
 * The value with its guarded members under their camel-case names; all else as it stands.
 *
 * @param guard by camel-case names
 * Failures: `member_refused` with rule `duplicate` for a member given under both names.
 */
export function inCamelCase(
  value: Readonly<Record<string, unknown>>,
  guard: Guard,
  prefix = '',
): Result<Record<string, unknown>> {
  const members = new Map(Object.entries(value));
  for (const [name, inner] of guard.children) {
    const own = protoName(name);
    if (own !== name && members.has(own)) {
      if (members.has(name)) return fail({ code: 'member_refused', member: prefix + own, rule: 'duplicate' });
      members.set(name, members.get(own));
      members.delete(own);
    }
    const given = members.get(name);
    if (inner.children.size === 0 || !isRecord(given)) continue;
    const renamed = inCamelCase(given, inner, `${prefix}${name}.`);
    if (!renamed.ok) return renamed;
    members.set(name, renamed.value);
  }
  return ok(Object.fromEntries(members));
}
