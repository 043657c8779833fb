import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { maturesAfterMs, retiresAfterMs, rotatesAfterMs } from '../src/signing/key-schedule.ts';
import { keptCardSigner } from '../src/signing/lazy-card-signer.ts';
import { createSealedSecrets } from '../src/store/sqlite/sealed-secrets.ts';
import { openSqliteStore } from '../src/store/sqlite/store.ts';
import { cardSignerContract } from './contract/card-signer.ts';

cardSignerContract('keys among sealed secrets', async () => {
  let nowMs = Date.parse('2030-01-01T00:00:00Z');
  const clock = { nowMs: () => nowMs };
  const folder = mkdtempSync(join(tmpdir(), 'card-signer-'));
  const store = openSqliteStore({ path: join(folder, 'gateway.db') });
  const secrets = createSealedSecrets({ driver: store.driver, keys: [new Uint8Array(32)], clock });
  const signer = () => keptCardSigner({ secrets, clock });
  return {
    signer,
    async announce() {
      nowMs += rotatesAfterMs;
      await signer().key();
    },
    async replace() {
      nowMs += maturesAfterMs;
    },
    async retire() {
      nowMs += retiresAfterMs;
    },
    async close() {
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
});
