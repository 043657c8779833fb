import { credentialUnavailable } from '../credential-unavailable.ts';
import type { OutgoingRequest } from '../request.ts';

/** Whose name a request to AWS is signed in. */
export type AwsIdentity =
  /** The role or profile the gateway runs under. */
  | { kind: 'own' }
  /** A role the gateway's own identity assumes. `externalId` guards against a confused deputy. */
  | { kind: 'role'; roleArn: string; externalId?: string | undefined }
  | { kind: 'keys'; accessKeyId: string; secretAccessKey: string; sessionToken?: string | undefined };

/** AWS Signature Version 4 over a whole request. */
export interface AwsSigner {
  /**
   * The headers to add: `authorization`, `x-amz-date`, `x-amz-content-sha256`, `x-amz-security-token`. All headers of
   * the request are signed, so nothing may change it afterwards.
   *
   * @param refusedKey an access key the backend has just refused: credentials of this key are fetched anew
   * @throws GatewayError `credential_unavailable` where the identity yields no credentials
   */
  sign(
    request: OutgoingRequest,
    scope: { region: string; service: string },
    identity: AwsIdentity,
    refusedKey?: string,
  ): Promise<Readonly<Record<string, string>>>;
  /** When the credentials held for an identity expire; undefined where none are held or they do not. */
  expiresAtMs(identity: AwsIdentity): number | undefined;
}

/** Of a gateway that runs without AWS. */
export const noAws: AwsSigner = {
  sign: () => Promise.reject(credentialUnavailable('aws')),
  expiresAtMs: () => undefined,
};
