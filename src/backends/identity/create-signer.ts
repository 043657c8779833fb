import type { Clock, Secrets } from '../../ports.ts';
import type { IdentitySigner } from './identity-signer.ts';

export interface SignerDeps {
  secrets: Secrets;
  clock: Clock;
  /** Where the keys are published: the gateway's own URL. */
  issuer: string;
}

/** The gateway's own signer. What signs is loaded when it is first asked: most processes never are. */
export function createIdentitySigner(deps: SignerDeps): IdentitySigner {
  let loading: Promise<IdentitySigner> | undefined;
  const signer = () => {
    loading ??= import('./kept-signer.ts').then(({ createKeptSigner }) => createKeptSigner(deps));
    return loading;
  };
  return {
    issuer: deps.issuer,
    sign: async (claims, options) => (await signer()).sign(claims, options),
    jwks: async () => (await signer()).jwks(),
  };
}
