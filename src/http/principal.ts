import type { Principal } from '../access/principal.ts';
import type { Call } from './route.ts';
import type { Services } from './services.ts';

/**
 * Who sends a request: its token's principal or, where the gateway has one for requests that bring no `Authorization`
 * at all, that. Whatever stands in that header is judged as ever. Nobody who is revoked, and nobody at all while calls must be
 * recorded and cannot be.
 *
 * @throws GatewayError as the authenticator, `token_invalid` with problem `revoked`, `store_unavailable`
 */
export async function principalOf(
  { request, requestId, note }: Call,
  { authenticator, anonymous, revocations, trail, log }: Services,
): Promise<Principal> {
  const authorization = request.headers.get('authorization');
  const sign = authorization === null ? anonymous?.signOfElsewhere(request) : undefined;
  if (sign !== undefined) log.write('warn', 'anonymous request refused', { requestId, sign });
  const isAnonymous = anonymous !== undefined && authorization === null && sign === undefined;
  const principal = isAnonymous ? anonymous.principal : await authenticator.authenticate(authorization);
  // Before it is judged: whose call was refused is to be known.
  note.principal = principal;
  trail?.admit();
  await revocations.check(principal);
  return principal;
}
