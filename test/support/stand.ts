import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseSettings, type Settings } from '../../src/config.ts';
import { createGateway, type Gateway, type GatewayDeps } from '../../src/gateway.ts';
import { routes } from '../../src/http/routes.ts';
import type { Log } from '../../src/ports.ts';
import type { Adapters } from '../../src/runtimes/aws-adapters.ts';
import { openEmbeddedAdapters } from '../../src/runtimes/node/embedded-adapters.ts';
import { cachedStore } from '../../src/store/cached.ts';
import type { Store } from '../../src/store/port.ts';
import { createJsonLog } from '../../src/telemetry/json-log.ts';
import { createUpstream, type UpstreamOptions } from '../../src/upstream/undici-upstream.ts';
import { onThisMachine } from './gateway.ts';
import { startIssuer, type TestIssuer, testAudience } from './issuer.ts';
import { type ScriptedAgent, startScriptedAgent } from './scripted-agent.ts';

/** An issuer, a scripted agent and a store: what gateways without a socket are made over. */
export interface Stand {
  issuer: TestIssuer;
  agent: ScriptedAgent;
  settings: Settings;
  log: Log;
  /** What was logged, one parsed line each. */
  logged: Record<string, unknown>[];
  /**
   * Another gateway over the same store, as another process would have it; caches of its own.
   * @param worn what it has in place of the store. Default: the store itself
   * @param runtime what its runtime does for it. Default: nothing
   */
  gateway(
    worn?: (store: Store) => Store,
    runtime?: Pick<GatewayDeps, 'background' | 'waitUntil'>,
  ): Promise<Gateway>;
  /** The store, past every cache. */
  adapters(): Promise<Adapters>;
  /** Makes all that the gateways remember of the store too old. */
  forget(): void;
  /** Closes the gateways' ways out, as a process does that shuts down. */
  closeWaysOut(): Promise<void>;
  close(): Promise<void>;
}

export const publicUrl = 'https://agents.test/prod';

/**
 * @param members settings, joined over the defaults, one level deep
 * @param way of the gateways out, where it differs
 */
export async function startStand(
  members: Record<string, unknown> = {},
  way: Omit<UpstreamOptions, 'rules'> = {},
): Promise<Stand> {
  const [issuer, agent] = await Promise.all([startIssuer(), startScriptedAgent()]);
  const dataDir = mkdtempSync(join(tmpdir(), 'a2a-stand-'));
  const logged: Record<string, unknown>[] = [];
  const log = createJsonLog('debug', (line) => logged.push(JSON.parse(line)));
  const settings = parseSettings(
    {
      publicUrl,
      issuers: [{ issuer: issuer.issuer, audiences: [testAudience] }],
      upstream: onThisMachine,
      dataDir,
      // So that what one test lets fail is not kept from the next.
      breaker: { consecutiveFailures: 1_000_000, minimumCalls: 1_000_000 },
      ...members,
      push: { upstream: onThisMachine, ...(members.push as object | undefined) },
    },
    {},
  );
  let skewMs = 0;
  const clock = { nowMs: () => Date.now() + skewMs };
  const open: (() => Promise<void>)[] = [];
  const waysOut: { close(): Promise<void> }[] = [];

  async function adapters(): Promise<Adapters> {
    const opened = await openEmbeddedAdapters(settings, clock);
    open.push(() => opened.store.close());
    return opened;
  }

  async function closeWaysOut(): Promise<void> {
    for (const way of waysOut.splice(0)) await way.close();
  }

  return {
    issuer,
    agent,
    settings,
    log,
    logged,
    adapters,
    async gateway(worn = (store) => store, runtime = {}) {
      const { store, secrets } = await adapters();
      const upstream = createUpstream({ ...way, rules: settings.upstream });
      const webhooks = createUpstream({ ...way, rules: settings.push.upstream });
      waysOut.push(upstream, webhooks);
      return createGateway({
        routes,
        ...runtime,
        config: settings,
        store: cachedStore(worn(store), { clock }),
        secrets,
        upstream,
        webhooks,
        clock,
        newId: randomUUID,
        log,
        closing: new AbortController().signal,
        version: 'test',
      });
    },
    forget() {
      skewMs += 2_000;
    },
    closeWaysOut,
    async close() {
      await closeWaysOut();
      for (const end of open.reverse()) await end();
      await Promise.all([issuer.close(), agent.close()]);
      rmSync(dataDir, { recursive: true });
    },
  };
}
