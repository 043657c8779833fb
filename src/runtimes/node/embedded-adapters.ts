import { join } from 'node:path';
import type { Settings } from '../../config.ts';
import type { Clock } from '../../ports.ts';
import { loadSealingKeyFile, parseSealingKey } from '../../store/sqlite/key-file.ts';
import { createSealedSecrets } from '../../store/sqlite/sealed-secrets.ts';
import { openSqliteStore, type SqliteStore } from '../../store/sqlite/store.ts';
import type { Adapters } from '../aws-adapters.ts';

/**
 * The store in one file of the data folder, and secrets sealed in the same file.
 *
 * @throws StoreError, SealingKeyError for a key that does not open what is sealed, each worth one line
 */
export async function openEmbeddedAdapters(
  { dataDir, secretKey }: Pick<Settings, 'dataDir' | 'secretKey'>,
  clock: Clock,
): Promise<Adapters & Pick<SqliteStore, 'changes'>> {
  const key =
    secretKey === undefined
      ? loadSealingKeyFile(join(dataDir, 'secret.key'))
      : parseSealingKey(secretKey, 'setting secretKey');
  const store = openSqliteStore({ path: join(dataDir, 'gateway.db') });
  const secrets = createSealedSecrets({ driver: store.driver, keys: [key], clock });
  await secrets.checkKeys();
  return { store, secrets, changes: store.changes };
}
