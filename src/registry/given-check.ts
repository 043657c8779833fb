import { type AuthConfig, addressesOf, type GivenAuth } from '../backends/auth-config.ts';
import { type BackendConfig, locationOf, plainHttp } from '../backends/backend-config.ts';
import { targetKindOf } from '../backends/kinds.ts';
import { GatewayError } from '../failure.ts';
import type { Upstream } from '../ports.ts';

/** What is given about an agent's backend. */
interface Given {
  agentCardUrl?: string | undefined;
  backendUrl?: string | undefined;
  backend?: BackendConfig | undefined;
  authConfig: GivenAuth | AuthConfig;
}

/**
 * Checks what is given before anything is fetched: that its members agree, and that every address in it is one the
 * gateway may call. The card's own addresses are checked with the card.
 *
 * @throws GatewayError `parameter_invalid`
 */
export function checkGiven(given: Given, upstream: Upstream): void {
  const { backend = plainHttp, authConfig } = given;
  const target = targetKindOf(backend);
  const found = target.problemWith?.(backend, given);
  if (found !== undefined) throw invalid(found.member, found.problem);
  if (target.credentials !== undefined && !target.credentials.includes(authConfig.type))
    throw invalid('authConfig.type', `must be ${target.credentials.join(' or ')} for this backend`);
  const { type, region, service } = withSigning(authConfig, backend);
  if (type === 'aws_sigv4' && (region === undefined || service === undefined))
    throw invalid(`authConfig.${region === undefined ? 'region' : 'service'}`, 'required for this backend');
  const { agentCardUrl, origins } = locationOf(given);
  const urls = [
    ['agentCardUrl', agentCardUrl] as const,
    ...(given.backendUrl === undefined ? [] : [['backendUrl', given.backendUrl] as const]),
    ...origins.map(({ origin }) => ['backend', origin] as const),
    ...Object.entries(addressesOf(authConfig)),
  ];
  for (const [parameter, text] of urls) {
    const rule = upstream.refusal(new URL(text));
    if (rule !== undefined) throw invalid(parameter, `refused: ${rule}`);
  }
}

/** Credentials with what the backend's kind knows of signing, where they do not say otherwise. */
export function withSigning(auth: GivenAuth, backend: BackendConfig = plainHttp): GivenAuth {
  const signing = targetKindOf(backend).signing?.(backend);
  return auth.type === 'aws_sigv4' && signing !== undefined ? { ...signing, ...auth } : auth;
}

function invalid(parameter: string, problem: string): GatewayError {
  return new GatewayError({ code: 'parameter_invalid', parameter, problem });
}
