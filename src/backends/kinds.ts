import type { CredentialKind } from './credential.ts';
import { apiKey } from './credentials/api-key.ts';
import { awsSigV4 } from './credentials/aws-sigv4.ts';
import { basic } from './credentials/basic.ts';
import { bearer } from './credentials/bearer.ts';
import { gatewayIdentity, gatewayIdentityBeside } from './credentials/gateway-identity.ts';
import { mutualTls } from './credentials/mutual-tls.ts';
import { none } from './credentials/none.ts';
import { oauth2ClientCredentials } from './credentials/oauth2-client-credentials.ts';
import { oauth2JwtBearer } from './credentials/oauth2-jwt-bearer.ts';
import { oauth2TokenExchange } from './credentials/oauth2-token-exchange.ts';
import type { TargetKind } from './target.ts';
import { agentCore } from './targets/agentcore.ts';
import { http } from './targets/http.ts';
import { lambda } from './targets/lambda.ts';
import { lambdaUrl } from './targets/lambda-url.ts';

/** Every kind of credential there is, in the order of the docs. A new kind is one file and one line here. */
export const credentialKinds = [
  none,
  bearer,
  apiKey,
  basic,
  mutualTls,
  oauth2ClientCredentials,
  oauth2TokenExchange,
  oauth2JwtBearer,
  awsSigV4,
  gatewayIdentity,
] as const satisfies readonly CredentialKind[];

/**
 * Kinds that combine with any other, by the member of `authConfig` that holds theirs: they add to a request what the
 * other does not touch.
 */
export const companionKinds: Readonly<Record<string, CredentialKind>> = {
  mutualTls,
  gatewayIdentity: gatewayIdentityBeside,
};

/** Every kind of target there is, in the order of the docs. A new kind is one file and one line here. */
export const targetKinds = [http, lambdaUrl, lambda, agentCore] as const satisfies readonly TargetKind[];

const credentialsByType = new Map<string, CredentialKind>(credentialKinds.map((kind) => [kind.type, kind]));
const targetsByType = new Map<string, TargetKind>(targetKinds.map((kind) => [kind.type, kind]));

/** @throws TypeError for a type no kind has: what is stored was parsed by a kind */
export function credentialKindOf({ type }: { type: string }): CredentialKind {
  const kind = credentialsByType.get(type);
  if (kind === undefined) throw new TypeError(`no kind of credential: ${type}`);
  return kind;
}

/** @throws TypeError for a type no kind has: what is stored was parsed by a kind */
export function targetKindOf({ type }: { type: string }): TargetKind {
  const kind = targetsByType.get(type);
  if (kind === undefined) throw new TypeError(`no kind of target: ${type}`);
  return kind;
}
