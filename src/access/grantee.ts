import { isPermissionScope } from './permission.ts';

/** To whom a permission may be given beside the holders of a scope. */
export type GranteeKind = 'group' | 'client' | 'tenant';

/** What of a token says whom permissions may be given to. */
export interface GranteeFacts {
  issuer: string;
  /** Less the issuer's prefix. */
  scopes: readonly string[];
  groups: readonly string[];
  clientId?: string | undefined;
  tenant?: string | undefined;
}

/** Longer names of groups, clients and tenants are no permission's. A name of this length fits a sort key of DynamoDB. */
export const maxNameChars = 256;

/** Apart from names, in which a `:` is escaped: `group:<alias>:<name>` is never another issuer's `group:<name>`. */
const aliasText = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** Whether a text may be an issuer's alias. */
export function isAlias(text: string): boolean {
  return aliasText.test(text);
}

/**
 * What a group, a client or a tenant is called as the key of a permission: `group:<name>`, or `group:<alias>:<name>` where its issuer
 * has an alias. Of the name, the characters `~`, `/`, `\`, `%` and `:` are `~` and two digits, `~2F` for `/`: the key stands in
 * a path, which takes no encoded separators, and its parts are told by `:`. No two of them have one key.
 * Undefined for a name no permission can name: an empty one, one longer than {@link maxNameChars}, and one with a control
 * character or a lone surrogate.
 */
export function granteeText(kind: GranteeKind, alias: string | undefined, name: string): string | undefined {
  if (name === '' || name.length > maxNameChars || /[\p{Cc}\p{Cs}]/u.test(name)) return undefined;
  const escaped = name.replace(/[~/\\%:]/g, escapeOf);
  return alias === undefined ? `${kind}:${escaped}` : `${kind}:${alias}:${escaped}`;
}

/** Whether a text is the key of a permission for a group, client or tenant, in its one spelling. */
export function isQualified(text: string): boolean {
  const [kind, second, third, ...more] = text.split(':');
  if (!isKind(kind) || second === undefined || more.length > 0) return false;
  const [alias, escaped] = third === undefined ? [undefined, second] : [second, third];
  if (alias !== undefined && !isAlias(alias)) return false;
  const name = escaped.replace(/~(7E|2F|5C|25|3A)/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return granteeText(kind, alias, name) === text;
}

/** Whether permissions may be given to this: a scope, `group:<name>`, `client:<id>` or `tenant:<name>`. No text is two of them. */
export function isGrantee(text: string): boolean {
  return looksQualified(text) ? isQualified(text) : isPermissionScope(text);
}

/** Whether a text looks like the key of a group, client or tenant: as a scope of a token it is none, and grants nothing. */
export function looksQualified(text: string): boolean {
  return /^(?:group|client|tenant):/.test(text);
}

function isKind(text: string | undefined): text is GranteeKind {
  return text === 'group' || text === 'client' || text === 'tenant';
}

/**
 * Whom permissions may be given to that count for a principal. A scope that looks like a group, client or tenant is left out:
 * else whoever may ask an issuer for scopes could be in any group. Groups, clients and tenants of an issuer without an alias
 * count for the first issuer alone, so that no other can name them.
 *
 * @param issuers as the settings list them; groups, clients and tenants of an issuer that is not among them do not count
 */
export function granteesOf(
  { issuer, scopes, groups, clientId, tenant }: GranteeFacts,
  issuers: readonly { issuer: string; alias?: string | undefined }[],
): string[] {
  const own = scopes.filter((scope) => !looksQualified(scope));
  const place = issuers.findIndex((trusted) => trusted.issuer === issuer);
  const alias = issuers[place]?.alias;
  if (place === -1 || (place > 0 && alias === undefined)) return own;
  const named = [
    ...groups.map((group) => granteeText('group', alias, group)),
    ...(clientId === undefined ? [] : [granteeText('client', alias, clientId)]),
    ...(tenant === undefined ? [] : [granteeText('tenant', alias, tenant)]),
  ];
  return [...new Set([...own, ...named.filter((text) => text !== undefined)])];
}

function escapeOf(character: string): string {
  return `~${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
