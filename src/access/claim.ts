import type { JWTPayload } from 'jose';
import { isRecord } from '../protocol/json.ts';

/**
 * The names of claims in the settings: taken letter for letter, dots and slashes included (`cognito:groups`,
 * `https://acme.example/groups`), but for one that begins with `/`, which is a JSON Pointer (RFC 6901) into objects:
 * `/realm_access/roles`.
 */

/** Whether a text may name a claim: one that begins with `/` must be a JSON Pointer. */
export function isClaimName(text: string): boolean {
  return text !== '' && (!text.startsWith('/') || !/~(?![01])/.test(text));
}

/** The member of a payload the claim is, or is inside of. */
export function topClaim(name: string): string {
  return pathOf(name)[0] ?? name;
}

/** A claim's value, or undefined where there is none. Members of objects alone: no list is walked, nothing inherited. */
export function claimOf(payload: JWTPayload, name: string): unknown {
  let value: unknown = payload;
  for (const member of pathOf(name)) {
    if (!isRecord(value) || !Object.hasOwn(value, member)) return undefined;
    value = value[member];
  }
  return value;
}

/** The first of these claims that a payload has, of whatever kind it is, or undefined. */
export function firstClaimOf(payload: JWTPayload, names: readonly string[]): unknown {
  return names.map((name) => claimOf(payload, name)).find((value) => value !== undefined);
}

function pathOf(name: string): string[] {
  if (!name.startsWith('/')) return [name];
  return name
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}
