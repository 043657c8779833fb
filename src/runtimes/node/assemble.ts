import { randomUUID } from 'node:crypto';
import type { Settings } from '../../config.ts';
import { createGateway } from '../../gateway.ts';
import type { Clock, Log } from '../../ports.ts';
import { sweepSecrets } from '../../registry/sweep-secrets.ts';
import { cachedStore } from '../../store/cached.ts';
import { createUpstream } from '../../upstream/undici-upstream.ts';
import type { Adapters } from '../aws-adapters.ts';
import { systemClock } from '../clock.ts';
import { openUpstream } from '../upstream.ts';
import { packageVersion } from './package-version.ts';

/** The gateway with its adapters. */
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
  const clock = systemClock;
  const { store: kept, secrets } = await openAdapters(settings, clock);
  const store = cachedStore(kept, { clock });
  const upstream = openUpstream(settings, createUpstream);
  const closing = new AbortController();

  const swept = await sweepSecrets({ agents: kept.agents, secrets, clock });
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

/** Each kind is loaded where it is chosen: neither needs the other's libraries. */
async function openAdapters(settings: Settings, clock: Clock): Promise<Adapters> {
  if (settings.store === 'dynamodb') {
    const { createAwsAdapters } = await import('../aws-adapters.ts');
    return createAwsAdapters(settings);
  }
  const { openEmbeddedAdapters } = await import('./embedded-adapters.ts');
  return openEmbeddedAdapters(settings, clock);
}
