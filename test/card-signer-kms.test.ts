import { randomUUID } from 'node:crypto';
import { KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type KmsServer, startKmsServer } from '../aws-local/kms.ts';
import { type CardSigning, createCardSigning } from '../src/signing/card-signing.ts';
import { createKmsCardSigner } from '../src/signing/kms/card-signer.ts';
import { cardSignerContract } from './contract/card-signer.ts';

/** Against a stand-in: moto signs the digest of a digest it is given, and AWS does not. */

let server: KmsServer;
let client: KMSClient;
/** What KMS was asked. */
const asked: string[] = [];
let isDown = false;

beforeAll(async () => {
  server = await startKmsServer();
  client = new KMSClient({
    ...{ region: 'us-east-1', endpoint: server.url, maxAttempts: 1 },
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      (args) => {
        asked.push(commandName);
        return isDown ? Promise.reject(new Error('down')) : next(args);
      },
    { step: 'initialize' },
  );
});
afterAll(async () => {
  client.destroy();
  await server.close();
});
beforeEach(() => {
  asked.length = 0;
  isDown = false;
});

function newKey(): string {
  return `arn:aws:kms:us-east-1:111111111111:key/${randomUUID()}`;
}

function signingBy(...keyIds: string[]): CardSigning {
  return createCardSigning(createKmsCardSigner({ client, keyIds }), 'https://gateway.example/jwks');
}

const unavailable = { failure: { code: 'signing_unavailable' } };

cardSignerContract('keys of KMS', async () => {
  const [old, next] = [newKey(), newKey()];
  let keyIds = [old];
  const list =
    (...listed: string[]) =>
    async () => {
      keyIds = listed;
    };
  return {
    signer: () => createKmsCardSigner({ client, keyIds }),
    ...{ announce: list(old, next), replace: list(next, old), retire: list(next) },
    close: async () => {},
  };
});

it('KMS is asked once for each key, and once to sign for each reading of each card', async () => {
  const signing = signingBy(newKey(), newKey());
  for (let read = 0; read < 5; read++) {
    await Promise.all([signing.published(), signing.published()]);
    const { signed } = await signing.current();
    await Promise.all(['{"name":"A"}', '{"name":"A"}', '{"name":"A","skills":[]}'].map(signed));
  }
  const [key, sign] = ['GetPublicKeyCommand', 'SignCommand'];
  expect(asked.toSorted()).toEqual([key, key, sign, sign, sign]);
});

it('a card of any size is signed, and many of them, whatever numbers come out', async () => {
  const { signed } = await signingBy(newKey()).current();
  const cards = Array.from({ length: 300 }, (_, index) => JSON.stringify({ name: 'A'.repeat(index * 40) }));
  const signatures = (await Promise.all(cards.map(signed))).map(
    (card) => /"signature":"([\w-]+)"/.exec(card)?.[1],
  );
  expect(new Set(signatures.map((signature) => signature?.length))).toEqual(new Set([86]));
});

it('a key that was switched off is published no more, and signs no card', async () => {
  const [signing, old] = [newKey(), newKey()];
  server.disable(old);
  const { kid } = await signingBy(signing).current();
  expect((await signingBy(signing, old).published()).map((key) => key.kid)).toEqual([kid]);
  await expect(signingBy(old, signing).current()).rejects.toMatchObject(unavailable);
  await expect(signingBy(old, signing).published()).rejects.toMatchObject(unavailable);
});

it('KMS that does not answer fails a card, and not the next', async () => {
  const signing = signingBy(newKey());
  isDown = true;
  await expect(signing.current()).rejects.toMatchObject(unavailable);
  isDown = false;
  const { signed } = await signing.current();
  isDown = true;
  await expect(signed('{"name":"A"}')).rejects.toMatchObject(unavailable);
  isDown = false;
  expect(await signed('{"name":"A"}')).toContain('"signatures":[{');
});
