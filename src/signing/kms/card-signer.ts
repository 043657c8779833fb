import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import type { CardSigner } from '../card-signer.ts';
import { type PublicKey, publicKeyOf } from '../public-key.ts';
import { rawSignature } from './raw-signature.ts';

export interface KmsCardSignerOptions {
  client: KMSClient;
  /**
   * Ids or ARNs of keys of the kind `ECC_NIST_P256`, at least one. The first signs, all are published. Another is put
   * behind the first, and before it once everybody has seen it; the old one goes when no card of it is kept any more.
   */
  keyIds: readonly string[];
}

interface KmsKey {
  /** Of the key itself, so that an alias which is moved meanwhile does not sign by another than it names. */
  arn: string;
  jwk: PublicKey;
}

/** Keys that are there no more, or were switched off: whoever did that wants them verify nothing. */
const goneErrors = ['NotFoundException', 'DisabledException', 'KMSInvalidStateException'];

/**
 * Signs cards with keys of AWS KMS, whose private halves never leave it. Public ones are asked for once a process, or again
 * where that fails. Rotation is a change of the list: KMS itself rotates no keys that sign.
 */
export function createKmsCardSigner({
  client,
  keyIds: [signing = '', ...others],
}: KmsCardSignerOptions): CardSigner {
  const known = new Map<string, Promise<KmsKey>>();
  const keyOf = (keyId: string) => {
    const asking = known.get(keyId) ?? fetchKey(client, keyId);
    known.set(keyId, asking);
    asking.catch(() => known.delete(keyId));
    return asking;
  };
  const ifThere = (keyId: string) =>
    keyOf(keyId).catch((error: unknown) => {
      if (error instanceof Error && goneErrors.includes(error.name)) return undefined;
      throw error;
    });
  return {
    async key() {
      const { arn, jwk } = await keyOf(signing);
      return { kid: jwk.kid, sign: (input) => sign(client, arn, input) };
    },
    async published() {
      const keys = await Promise.all([keyOf(signing), ...others.map(ifThere)]);
      return keys.filter((key) => key !== undefined).map(({ jwk }) => jwk);
    },
  };
}

async function fetchKey(client: KMSClient, keyId: string): Promise<KmsKey> {
  const { PublicKey: der, KeyId: arn = keyId } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const key = await crypto.subtle.importKey('spki', new Uint8Array(der ?? []), algorithm, true, ['verify']);
  const { x = '', y = '' } = await crypto.subtle.exportKey('jwk', key);
  return { arn, jwk: await publicKeyOf(x, y) };
}

/** KMS takes 4,096 bytes at most, so it is given the digest. */
async function sign(client: KMSClient, arn: string, input: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', input));
  const { Signature: der } = await client.send(
    new SignCommand({
      KeyId: arn,
      Message: digest,
      MessageType: 'DIGEST',
      SigningAlgorithm: 'ECDSA_SHA_256',
    }),
  );
  return rawSignature(der ?? new Uint8Array());
}
