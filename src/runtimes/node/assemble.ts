import { randomUUID, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, type Settings } from '../../config.ts';
import { createGateway } from '../../gateway.ts';
import type { Clock, Log } from '../../ports.ts';
import { sweepSecrets } from '../../registry/sweep-secrets.ts';
import { cachedStore } from '../../store/cached.ts';
import { loadSealingKeyFile, parseSealingKey } from '../../store/sqlite/key-file.ts';
import { createSealedSecrets } from '../../store/sqlite/sealed-secrets.ts';
import { openSqliteStore } from '../../store/sqlite/store.ts';
import { createUpstream } from '../../upstream/undici-upstream.ts';
import { packageVersion } from './package-version.ts';

export const systemClock: Clock = { nowMs: () => Date.now() };

/** The gateway with its embedded adapters. */
export interface Assembly {
  gateway(request: Request): Promise<Response>;
  /** Ends open streams, then the connections to agents, then the store. Call once the listener takes no more. */
  close(): Promise<void>;
  /** Ends open streams only, so that a listener can finish closing. */
  endStreams(): void;
}

/**
 * @throws ConfigError, StoreError, SealingKeyError, each worth one line
 */
export async function assemble(settings: Settings, log: Log): Promise<Assembly> {
  const { dataDir, secretKey, upstream: rules, deadlines } = settings;
  const ca = rules.caFile === undefined ? undefined : [readAuthorities(rules.caFile)];
  const key =
    secretKey === undefined
      ? loadSealingKeyFile(join(dataDir, 'secret.key'))
      : parseSealingKey(secretKey, 'setting secretKey');
  const embedded = openSqliteStore({ path: join(dataDir, 'gateway.db') });
  const clock = systemClock;
  const store = cachedStore(embedded, { clock });
  const secrets = createSealedSecrets({ driver: embedded.driver, keys: [key], clock });
  const upstream = createUpstream({ rules, ca, connectTimeoutMs: deadlines.connectTimeoutMs });
  const closing = new AbortController();

  await secrets.checkKeys();
  const swept = await sweepSecrets({ agents: embedded.agents, secrets, clock });
  if (swept > 0) log.write('info', 'secrets swept', { swept });
  return {
    gateway: createGateway({
      config: settings,
      store,
      secrets,
      upstream,
      clock,
      log,
      newId: randomUUID,
      closing: closing.signal,
      version: packageVersion,
    }),
    endStreams: () => closing.abort(),
    async close() {
      closing.abort();
      await upstream.close();
      await store.close();
    },
  };
}

/** TLS takes a file without certificates for an empty list, and would then trust no private agent without a word. */
function readAuthorities(path: string): string {
  try {
    const pem = readFileSync(path, 'utf8');
    new X509Certificate(pem);
    return pem;
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError([`setting upstream.caFile: ${path}: ${problem}`]);
  }
}
