import type { CredentialKind, Lender } from './credential.ts';
import { companionKinds, credentialKindOf } from './kinds.ts';

/** Credentials for a backend as they are kept: only their kind reads the members. Secrets are apart, under `secretName`. */
export interface AuthConfig {
  type: string;
  /** Where the secrets are; absent where there are none. Changes with every new secret. */
  secretName?: string;
  /** Which secrets are there, as `clientSecret` or `mutualTls.privateKey`. */
  secretMembers?: string[];
  [member: string]: unknown;
}

/** Credentials as they are given: with their secrets, which are kept apart and never read back. */
export interface GivenAuth {
  type: string;
  [member: string]: unknown;
}

export type SecretValues = Readonly<Record<string, string>>;

/** A kind as part of a configuration: the chosen one, whose members stand at the top, and its companions, below theirs. */
export interface AuthPart {
  /** Of the secrets' names and of members in messages: empty, or such as `mutualTls.`. */
  prefix: string;
  kind: CredentialKind;
  members: Readonly<Record<string, unknown>>;
}

/** The kinds a configuration is made of: companions first, so that the chosen one may sign what they add. */
export function partsOf(auth: AuthConfig | GivenAuth): AuthPart[] {
  const companions = Object.entries(companionKinds).flatMap(([member, kind]): AuthPart[] => {
    const given = auth[member];
    if (typeof given !== 'object' || given === null) return [];
    return [{ prefix: `${member}.`, kind, members: given as Record<string, unknown> }];
  });
  return [...companions, { prefix: '', kind: credentialKindOf(auth), members: auth }];
}

/** Given credentials, taken apart into what is shown and what is not. */
export function separated(given: GivenAuth, secretName: string): { auth: AuthConfig; secrets: SecretValues } {
  const auth: AuthConfig = { ...given };
  const secrets: Record<string, string> = {};
  for (const { prefix, kind, members } of partsOf(given)) {
    const shown = prefix === '' ? auth : { ...members };
    for (const name of Object.keys(kind.secrets)) {
      const value = members[name];
      if (typeof value === 'string') secrets[prefix + name] = value;
      delete shown[name];
    }
    if (prefix !== '') auth[prefix.slice(0, -1)] = shown;
  }
  const secretMembers = Object.keys(secrets);
  return { auth: secretMembers.length === 0 ? auth : { ...auth, secretName, secretMembers }, secrets };
}

/** What is kept under `secretName`. */
export function secretText(secrets: SecretValues): string {
  return JSON.stringify(secrets);
}

/**
 * The secrets of a configuration by name, of the text kept under its `secretName`.
 *
 * What names no `secretMembers` was kept when there was only the client secret, as it was given.
 *
 * @throws Error for a text that `secretText` does not make
 */
export function parseSecrets({ secretMembers }: AuthConfig, text: string): SecretValues {
  if (secretMembers === undefined) return { clientSecret: text };
  try {
    return JSON.parse(text) as SecretValues; // Ours: `secretText` wrote it.
  } catch {
    // Changed by hand. No cause: a parser's message quotes what it read.
    throw new Error('the secret kept is not as it was put');
  }
}

/** A part's own secrets, by their names in the kind. */
export function secretsOf({ prefix, kind }: AuthPart, secrets: SecretValues): SecretValues {
  const names = Object.keys(kind.secrets).filter((name) => Object.hasOwn(secrets, prefix + name));
  return Object.fromEntries(names.map((name) => [name, secrets[prefix + name] ?? '']));
}

/** The configuration as the management routes show it; `secrets` names those that are set. */
export function shownAuth({ secretName: _, secretMembers, ...shown }: AuthConfig): Record<string, unknown> {
  return { ...shown, ...(secretMembers !== undefined && { secrets: secretMembers }) };
}

/** URLs the gateway will call for the credentials, by member. */
export function addressesOf(auth: AuthConfig | GivenAuth): Readonly<Record<string, string>> {
  const found = partsOf(auth).flatMap(({ prefix, kind, members }) =>
    Object.entries(kind.addresses?.(members) ?? {}).map(([name, url]) => [
      `authConfig.${prefix}${name}`,
      url,
    ]),
  );
  return Object.fromEntries(found);
}

/** Whether any part lends the agent somebody's authority. */
export function borrowsFrom(lender: Lender, auth: AuthConfig | GivenAuth): boolean {
  return partsOf(auth).some(({ kind, members }) => kind.borrows?.(members) === lender);
}

/** Whether the credentials are made of a caller: there are none where the gateway calls for itself. */
export function needsCaller(auth: AuthConfig): boolean {
  return partsOf(auth).some(({ kind, members }) => kind.needsCaller?.(members) ?? false);
}

/** Whether there is nothing that could be presented: such a configuration may follow its agent anywhere. */
export function isNothing(auth: AuthConfig): boolean {
  return auth.type === 'none' && partsOf(auth).length === 1;
}
