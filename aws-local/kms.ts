import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { json as jsonOf } from 'node:stream/consumers';
import * as z from 'zod';
import { signDigest } from './ecdsa.ts';
import { listenOnLoopback } from './listener.ts';

export interface KmsServer {
  url: string;
  /** As `DisableKey` does: the key is refused from here on. */
  disable(keyId: string): void;
  close(): Promise<void>;
}

const sha256Bytes = 32;
const maxMessageBytes = 4_096;

const keySchema = z.object({ KeyId: z.string().min(1).max(2_048) });
const signSchema = keySchema.extend({
  Message: z.base64().transform((text) => Buffer.from(text, 'base64')),
  MessageType: z.enum(['RAW', 'DIGEST']).default('RAW'),
  SigningAlgorithm: z.literal('ECDSA_SHA_256'),
});

class KmsError extends Error {
  constructor(name: string) {
    super(name);
    this.name = name;
  }
}

/**
 * AWS KMS on loopback, as far as keys go that sign: every key that is named is one on P-256, made when it is first asked
 * for and gone with the process. moto has such keys too, but signs the digest of a digest it is given.
 */
export async function startKmsServer(): Promise<KmsServer> {
  const keys = new Map<string, ReturnType<typeof newKeyPair>>();
  const disabled = new Set<string>();
  const keyOf = (keyId: string) => {
    if (disabled.has(keyId)) throw new KmsError('DisabledException');
    const pair = keys.get(keyId) ?? newKeyPair();
    keys.set(keyId, pair);
    return pair;
  };
  const listener = await listenOnLoopback(0);
  listener.serve((request, response) => {
    void answer(request, keyOf).then(
      (body) => send(response, 200, body),
      ({ name }: Error) =>
        send(response, 400, { __type: name === 'ZodError' ? 'ValidationException' : name }),
    );
  });
  return { url: listener.origin, disable: (keyId) => void disabled.add(keyId), close: listener.close };
}

function newKeyPair(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

async function answer(
  request: IncomingMessage,
  keyOf: (keyId: string) => ReturnType<typeof newKeyPair>,
): Promise<object> {
  const input = await jsonOf(request);
  switch (request.headers['x-amz-target']) {
    case 'TrentService.GetPublicKey': {
      const { KeyId } = keySchema.parse(input);
      const der = keyOf(KeyId).publicKey.export({ type: 'spki', format: 'der' });
      return { KeyId, KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY', PublicKey: der.toString('base64') };
    }
    case 'TrentService.Sign': {
      const { KeyId, Message, MessageType, SigningAlgorithm } = signSchema.parse(input);
      const isFit =
        MessageType === 'RAW' ? Message.length <= maxMessageBytes : Message.length === sha256Bytes;
      if (!isFit) throw new KmsError('ValidationException');
      const { privateKey } = keyOf(KeyId);
      const signature =
        MessageType === 'RAW' ? sign('sha256', Message, privateKey) : signDigest(Message, privateKey);
      return { KeyId, SigningAlgorithm, Signature: signature.toString('base64') };
    }
    default:
      throw new KmsError('UnknownOperationException');
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(body));
}
