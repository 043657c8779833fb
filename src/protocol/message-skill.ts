import { fail, ok, type Result } from '../failure.ts';
import { maxIdChars } from './guarded.ts';
import { guardOf, inspect } from './json.ts';
import type { Binding } from './protocols.ts';
import { inBothSpellings } from './v0_3/proto-names.ts';
import type { ServedVersion } from './version.ts';

/** The object by whose member `skillId` a message names its skill: a convention of the gateway, A2A has none. */
const metadata = 'message.metadata';

/**
 * The skill a message names by `metadata.skillId`. Undefined for none; `null` and the empty text are none. The member, and
 * every object around it, may be spelled only this way and once, so that the agent reads what is judged here.
 *
 * @param text the whole body, in which {@link parseRpcCall} or {@link parseRestBody} found nothing to refuse
 * Failures: `member_refused` with rule `duplicate`, `alias`, `type` or `length`.
 * Does not check that the agent has such a skill, nor that the message is about it.
 */
export function messageSkill(
  text: string,
  { version, binding }: { version: ServedVersion; binding: Binding },
): Result<string | undefined> {
  const within = binding === 'JSONRPC' ? `params.${metadata}` : metadata;
  // Of the objects around it 0.3 has two names in ProtoJSON. Metadata is the caller's, and its names are no proto's.
  const around = version === '0.3' && binding !== 'JSONRPC' ? inBothSpellings([within]) : [within];
  const paths = around.map((path) => `${path}.skillId`);
  const spans = inspect(text, guardOf(paths));
  if (!spans.ok) return spans;
  for (const path of paths) {
    const span = spans.value.get(path);
    if (span !== undefined) return skillOf(JSON.parse(text.slice(span.start, span.end)), path);
  }
  return ok(undefined);
}

function skillOf(value: unknown, member: string): Result<string | undefined> {
  if (value === null || value === '') return ok(undefined);
  if (typeof value !== 'string') return fail({ code: 'member_refused', member, rule: 'type' });
  if (value.length > maxIdChars) return fail({ code: 'member_refused', member, rule: 'length' });
  return ok(value);
}
