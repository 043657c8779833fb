import { sha256Hex, utf8Length } from '../protocol/bytes.ts';
import { maxSegmentBytes } from '../store/ports/audit.ts';
import type { Change } from './audit.ts';
import { shortened } from './shortened.ts';

/** What stands for a member that is too large: it can be held against the original, but not read. */
interface Digested {
  sha256: string;
  bytes: number;
}

/**
 * The record of a change, a line with its line feed, that fits a segment. Where it would not, the largest members of
 * `before` and `after` are told by their SHA-256 and their length as JSON, the largest first, until it does.
 */
export async function changeRecord(change: Change, nowMs: number): Promise<string> {
  const { by, before, after, ...rest } = change;
  const who = {
    issuer: shortened(by.issuer),
    subject: shortened(by.subject),
    clientId: shortened(by.clientId),
  };
  const shown = { before: before && { ...before }, after: after && { ...after } };
  const line = () =>
    `${JSON.stringify({ event: 'change', time: new Date(nowMs).toISOString(), ...who, ...rest, ...shown })}\n`;
  for (const { view, name, text, bytes } of byLength(Object.values(shown))) {
    if (utf8Length(line()) <= maxSegmentBytes) break;
    const digested: Digested = { sha256: await sha256Hex(text), bytes };
    Object.assign(view, { [name]: digested });
  }
  return line();
}

interface Member {
  view: object;
  name: string;
  text: string;
  bytes: number;
}

/** The largest first. */
function byLength(views: readonly (object | undefined)[]): Member[] {
  const members = views.flatMap((view = {}) =>
    Object.entries(view).map(([name, value]): Member => {
      const text = JSON.stringify(value) ?? '';
      return { view, name, text, bytes: utf8Length(text) };
    }),
  );
  return members.sort((one, other) => other.bytes - one.bytes);
}
