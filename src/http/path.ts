import { fail, ok, type Result } from '../failure.ts';

/**
 * The one canonicalisation. A request target is taken as it stands or refused; it is never repaired, because what a
 * proxy, this gateway and an agent each make of an odd spelling differs, and attacks live in the difference.
 */

/** Longer targets are refused. */
export const maxTargetChars = 8_192;

export interface CanonicalTarget {
  /** Begins with `/`; percent-encoding untouched. */
  path: string;
  /** Without the `?`; empty when there is none. */
  query: string;
}

/** RFC 3986's, in path and query alike, less `;`, which some parsers take for a separator. */
const characters = /^[A-Za-z0-9\-._~!$&'()*+,=:@%/]*$/;

/**
 * Checks an origin-form request target (RFC 9112 §3.2.1). Failures: `path_refused`, naming the rule.
 * A runtime calls it on the raw target, before URL parsing resolves dot segments.
 */
export function canonicalTarget(target: string): Result<CanonicalTarget> {
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? '' : target.slice(mark + 1);
  const rule = brokenRule(target, path, query);
  return rule === undefined ? ok({ path, query }) : fail({ code: 'path_refused', rule });
}

function brokenRule(target: string, path: string, query: string): string | undefined {
  if (target.length > maxTargetChars) return 'length';
  if (!path.startsWith('/')) return 'form';
  if (query.includes('?')) return 'second_query';
  if (!characters.test(path) || !characters.test(query)) return 'character';
  if (path.includes('//')) return 'empty_segment';
  if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(path)) return 'dot_segment';
  return target.includes('%') ? brokenEncoding(path, query) : undefined;
}

function brokenEncoding(path: string, query: string): string | undefined {
  if (!decodes(path) || !decodes(query)) return 'encoding';
  for (const [, hex = ''] of path.matchAll(/%(..)/g)) {
    const code = Number.parseInt(hex, 16);
    if (code < 0x20 || code === 0x7f) return 'encoded_control';
    if (code === 0x2f || code === 0x5c) return 'encoded_separator';
    // An unreserved character has no reason to be encoded (RFC 3986 §2.3) but to slip past a check.
    if (/[A-Za-z0-9\-._~]/.test(String.fromCharCode(code))) return 'encoded_unreserved';
  }
  // What decodes to an encoding is for a parser that decodes twice, and it would see another path.
  if (/%25[0-9a-f]{2}/i.test(path)) return 'double_encoding';
  return /%(?:0\w|1\w|7f)/i.test(query) ? 'encoded_control' : undefined;
}

function decodes(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
