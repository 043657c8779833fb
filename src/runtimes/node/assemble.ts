import { randomUUID } from 'node:crypto';
import type { Settings } from '../../config.ts';
import { createGateway, type GatewayDeps } from '../../gateway.ts';
import { routes } from '../../http/routes.ts';
import { pause } from '../../pause.ts';
import type { Log } from '../../ports.ts';
import { sweepSecrets } from '../../registry/sweep-secrets.ts';
import { createReplay } from '../../replay/replay.ts';
import { wakingAgents } from '../../search/keep/waking-agents.ts';
import { cachedStore } from '../../store/cached.ts';
import { createUpstream } from '../../upstream/undici-upstream.ts';
import { openCardSigner } from '../aws-card-signer.ts';
import { createAwsSigner } from '../aws-signer.ts';
import { systemClock } from '../clock.ts';
import { LooseEnds } from '../loose-ends.ts';
import { openUpstream, openWebhooks } from '../upstream.ts';
import { openAdapters } from './adapters.ts';
import { packageVersion } from './package-version.ts';
import { openSearch } from './search.ts';

/** For receivers that are being told something to answer: what they do not acknowledge is sent again. */
const webhookGraceMs = 3_000;
/** For records of the last calls to be written: as long as a store is waited for. */
const recordGraceMs = 5_000;

/** The gateway with its adapters. */
export interface Assembly {
  gateway(request: Request): Promise<Response>;
  /** Ends open streams and work in the background, then the search, the connections to agents, the store. Call once the listener takes no more. */
  close(): Promise<void>;
  /** Ends open streams and begins no more work, so that a listener can finish closing. */
  endStreams(): void;
}

/**
 * @param more what only some gateways on Node have
 * @throws ConfigError, StoreError, SealingKeyError, each worth one line
 */
export async function assemble(
  settings: Settings,
  log: Log,
  more: Pick<GatewayDeps, 'anonymous'> = {},
): Promise<Assembly> {
  const clock = systemClock;
  const { store: kept, secrets, changes } = await openAdapters(settings, clock);
  const { agents } = kept;
  const upstream = openUpstream(settings, createUpstream);
  const webhooks = openWebhooks(settings, createUpstream);
  const closing = new AbortController();
  const background: Promise<void>[] = [];
  const looseEnds = new LooseEnds();

  const swept = await sweepSecrets({ agents, secrets, clock });
  if (swept > 0) log.write('info', 'secrets swept', { swept });
  const search = await openSearch(settings, {
    ...{ agents, upstream, clock, log },
    ...(changes !== undefined && { changes }),
  });
  const watched = search === undefined ? agents : wakingAgents(agents, search.wake);
  const store = cachedStore({ ...kept, agents: watched, close: () => kept.close() }, { clock });
  return {
    gateway: createGateway({
      ...more,
      routes,
      config: settings,
      store,
      secrets,
      upstream,
      webhooks,
      aws: createAwsSigner({ clock }),
      ...openCardSigner(settings),
      ...(search !== undefined && { search: search.search }),
      replay: createReplay(settings.streams.replay, { clock, newId: randomUUID }),
      clock,
      log,
      newId: randomUUID,
      closing: closing.signal,
      background: (work) => void background.push(work()),
      waitUntil: (work) => looseEnds.add(work),
      version: packageVersion,
    }),
    endStreams: () => closing.abort(),
    async close() {
      closing.abort();
      await search?.close();
      await upstream.close();
      const done = Promise.all(background);
      await Promise.race([done, pause(webhookGraceMs, new AbortController().signal)]);
      await webhooks.close();
      await done;
      await looseEnds.settle(recordGraceMs);
      await store.close();
    },
  };
}
