import type { Clock, NewId, Secrets, Upstream } from '../ports.ts';
import { type AwsSigner, noAws } from './aws/signer.ts';
import { type Credentials, type CurrentAuth, createCredentials } from './credentials.ts';
import { type IdentitySigner, noIdentity } from './identity/identity-signer.ts';
import { createSendToBackend, type SendToBackend } from './send.ts';

export interface BackendsDeps {
  upstream: Upstream;
  secrets: Secrets;
  clock: Clock;
  newId: NewId;
  /** Absent: nothing can be signed for AWS. */
  aws?: AwsSigner;
  /** Absent: nothing can be signed in the gateway's own name. */
  identity?: IdentitySigner;
  currentAuth: CurrentAuth;
}

/** What agents are reached with. */
export interface Backends {
  credentials: Credentials;
  send: SendToBackend;
}

export function createBackends(deps: BackendsDeps): Backends {
  const { aws = noAws, identity = noIdentity } = deps;
  const credentials = createCredentials({ ...deps, aws, identity });
  return { credentials, send: createSendToBackend({ ...deps, credentials }) };
}
