import { createLocalJWKSet, flattenedVerify, type JSONWebKeySet } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CardSigner } from '../../src/signing/card-signer.ts';
import { cites } from '../support/cites.ts';

export interface CardSignerStand {
  /** A signer as a process has it; each is another process. */
  signer(): CardSigner;
  /** Begins to replace the key that signs: from here on its successor is published. */
  announce(): Promise<void>;
  /** Goes on until the successor signs. */
  replace(): Promise<void>;
  /** Goes on until the old key is gone. */
  retire(): Promise<void>;
  close(): Promise<void>;
}

/** What every adapter of the card signer promises. */
export function cardSignerContract(name: string, open: () => Promise<CardSignerStand>): void {
  describe(`the card signer contract: ${name}`, () => {
    let stand: CardSignerStand;
    beforeEach(async () => {
      stand = await open();
    });
    afterEach(() => stand.close());

    it('signs what the published key of its name verifies, as a JWS has it', async () => {
      const signer = stand.signer();
      const { kid, signature } = await signed(signer);
      expect(signature).toHaveLength(64);
      expect(await verifies(kid, signature, signer)).toBe(true);
      expect(
        await verifies(
          kid,
          signature.map((byte, index) => (index === 9 ? byte ^ 1 : byte)),
          signer,
        ),
      ).toBe(false);
    });

    it('publishes public members only, before anything is signed', async () => {
      const signer = stand.signer();
      const [key, ...others] = await signer.published();
      expect([Object.keys(key ?? {}).toSorted(), others]).toEqual([
        ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
        [],
      ]);
      expect(key).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig' });
      expect((await signer.key()).kid).toBe(key?.kid);
    });

    it('signs in every process by the same key', async () => {
      const [one, other] = [stand.signer(), stand.signer()];
      const { kid, signature } = await signed(one);
      expect((await other.key()).kid).toBe(kid);
      expect(await verifies(kid, signature, other)).toBe(true);
    });

    it('replaces a key by one that was published before, and publishes the old one for a while', async () => {
      cites('A2A-8.4.3-rotation');
      const old = await signed(stand.signer());
      await stand.announce();
      const announced = stand.signer();
      expect((await announced.key()).kid).toBe(old.kid);
      const published = await kidsOf(announced);
      expect(published).toHaveLength(2);
      await stand.replace();
      const next = await signed(stand.signer());
      expect(next.kid).not.toBe(old.kid);
      expect(published).toContain(next.kid);
      for (const { kid, signature } of [old, next])
        expect(await verifies(kid, signature, stand.signer())).toBe(true);
      await stand.retire();
      expect(await kidsOf(stand.signer())).toEqual([next.kid]);
    });
  });
}

const header = Buffer.from('{"alg":"ES256"}').toString('base64url');
const payload = Buffer.from('{"name":"Signed"}').toString('base64url');

async function signed(signer: CardSigner): Promise<{ kid: string; signature: Uint8Array }> {
  const { kid, sign } = await signer.key();
  return { kid, signature: await sign(new TextEncoder().encode(`${header}.${payload}`)) };
}

async function kidsOf(signer: CardSigner): Promise<string[]> {
  return (await signer.published()).map(({ kid }) => kid);
}

async function verifies(kid: string, signature: Uint8Array, signer: CardSigner): Promise<boolean> {
  const keys = (await signer.published()).filter((key) => key.kid === kid);
  const jws = { protected: header, payload, signature: Buffer.from(signature).toString('base64url') };
  return flattenedVerify(jws, createLocalJWKSet({ keys } as unknown as JSONWebKeySet)).then(
    () => true,
    () => false,
  );
}
