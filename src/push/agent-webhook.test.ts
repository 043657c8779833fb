import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../protocol/bytes.ts';
import { agentConfig, isProved, newSecret, proofsIn } from './agent-webhook.ts';

describe('the configuration an agent gets', () => {
  it('has its secret in both places, and its address below the public URL', () => {
    const webhook = { pushId: 'p-1', secret: 's', configId: 'c-1' };
    for (const publicUrl of ['https://gw.test/a2a', 'https://gw.test/a2a/'])
      expect(agentConfig(webhook, publicUrl)).toEqual({
        id: 'c-1',
        url: 'https://gw.test/a2a/push/p-1',
        token: 's',
        authentication: { scheme: 'Bearer', credentials: 's' },
      });
  });

  it('has another secret each time, safe in a header', () => {
    const secrets = new Set(Array.from({ length: 100 }, newSecret));
    expect(secrets.size).toBe(100);
    for (const secret of secrets) expect(secret).toMatch(/^[\w-]{43}$/);
  });
});

describe('the proof of who posts', () => {
  it('may stand in either header', () => {
    expect(proofsIn(new Headers({ authorization: 'bearer  one' }))).toEqual(['one']);
    expect(proofsIn(new Headers({ 'x-a2a-notification-token': 'two' }))).toEqual(['two']);
    const both = new Headers({ authorization: 'Bearer one', 'x-a2a-notification-token': 'two' });
    expect(proofsIn(both)).toEqual(['one', 'two']);
    expect(proofsIn(new Headers({ authorization: 'Basic one' }))).toEqual([]);
  });

  it('is the secret, and nothing near it', async () => {
    const secretHash = await sha256Hex('secret');
    expect(await isProved(['other', 'secret'], secretHash)).toBe(true);
    for (const proofs of [[], [''], ['secre'], ['secret '], [secretHash]])
      expect(await isProved(proofs, secretHash)).toBe(false);
    expect(await isProved(['secret'], '')).toBe(false);
  });
});
