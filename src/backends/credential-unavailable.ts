import { type CredentialProblem, GatewayError } from '../failure.ts';

/** @param cause for the log: tells nothing of a secret */
export function credentialUnavailable(problem: CredentialProblem, cause?: unknown): GatewayError {
  return new GatewayError({ code: 'credential_unavailable', problem }, { cause });
}
