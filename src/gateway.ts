import type { Anonymous } from './access/anonymous.ts';
import { createAuthenticator } from './access/authenticate.ts';
import { openConditions } from './access/open-conditions.ts';
import { createCallTrail } from './audit/call-trail.ts';
import { openChangeTrail } from './audit/change-trail.ts';
import { createAuditSeals } from './audit/seals.ts';
import type { AwsSigner } from './backends/aws/signer.ts';
import { createBackends } from './backends/backends.ts';
import { createIdentitySigner } from './backends/identity/create-signer.ts';
import type { GatewayConfig } from './config.ts';
import { createFleetHealthReports } from './health/fleet.ts';
import { createProber } from './health/prober.ts';
import { createHealthReports } from './health/report.ts';
import { createHealthSharing, type HealthSharing } from './health/sharing.ts';
import { createApp } from './http/app.ts';
import { keySetUrl } from './http/cards.ts';
import { warnOfHidden } from './http/directory.ts';
import type { RequestContext, Route } from './http/route.ts';
import { createStreamWatch } from './http/stream-watch.ts';
import { createCoveredAgents } from './http/visible.ts';
import { createCallerLimiter } from './limits/caller-limiter.ts';
import { createOwnership } from './ownership/create-ownership.ts';
import { pause } from './pause.ts';
import type { Clock, Log, NewId, Secrets, Upstream } from './ports.ts';
import { createAffinity } from './proxy/affinity.ts';
import { createEnding } from './proxy/ending.ts';
import { createForward } from './proxy/forward.ts';
import { createNoteHop } from './proxy/hops.ts';
import { ResumableFeeds } from './proxy/resumable-feeds.ts';
import { createTraffic } from './proxy/traffic.ts';
import { createDeliveryLoop } from './push/delivery-loop.ts';
import { createLaterWorker } from './push/later-worker.ts';
import type { WakePush } from './push/push-worker.ts';
import { createPushRelay } from './push/relay.ts';
import { createWebhookJudge } from './push/standing.ts';
import { createCardProbe } from './registry/card-probe.ts';
import { currentAuthOf } from './registry/current-auth.ts';
import { createLaterManagement } from './registry/later-management.ts';
import { createGivenCardJudge } from './registry/trust/judge-card.ts';
import type { Replay } from './replay/replay.ts';
import { createRevocations } from './revocations/revocations.ts';
import { createSealer } from './sealing/sealer.ts';
import type { Search } from './search/search.ts';
import type { CardSigner } from './signing/card-signer.ts';
import { createCardSigning } from './signing/card-signing.ts';
import { keptCardSigner } from './signing/lazy-card-signer.ts';
import type { Store } from './store/port.ts';

/** What a runtime brings: settings, adapters, what of the gateway it serves, and the signal that the gateway is closing. */
export interface GatewayDeps {
  /** Usually `routes`; `callRoutes` or `managementRoutes` alone leave the code of the others out of a bundle. */
  routes: readonly Route[];
  config: GatewayConfig;
  store: Store;
  secrets: Secrets;
  upstream: Upstream;
  /** To webhooks, by rules of their own (`push.upstream`). */
  webhooks: Upstream;
  /** Absent: there is no search. */
  search?: Search;
  /** Absent: no stream can be gone on with where it broke off, but for those the agent itself resumes. */
  replay?: Replay;
  /** Whom requests without a token are taken for. Absent: they are refused. */
  anonymous?: Anonymous;
  /** Absent: nothing can be signed for AWS. */
  aws?: AwsSigner;
  /** Signs published cards. Absent: keys among the secrets do. */
  cardSigner?: CardSigner;
  clock: Clock;
  newId: NewId;
  log: Log;
  /** Fires when the gateway closes: open streams end with a comment that says to subscribe again. */
  closing: AbortSignal;
  /**
   * Runs work beside the requests, which ends soon after `closing` fires and never fails. Absent: nothing is done between
   * requests.
   */
  background?(work: () => Promise<void>): void;
  /**
   * Told of short work that no answer waits for and that never fails. A process that stops, for good or between
   * invocations, waits for it first. Absent: nobody does.
   */
  waitUntil?(work: Promise<void>): void;
  /** Tells who delivers webhooks of what is due. Default: this process delivers, if it does anything in the background. */
  wakePush?: WakePush;
  /** Of the package, for `/health`. */
  version: string;
}

/** A request in, a response out, never a throw. */
export type Gateway = (request: Request, context?: RequestContext) => Promise<Response>;

/**
 * Makes the gateway of its settings and adapters. A runtime translates to and from its own events, and
 * calls `canonicalTarget` on the raw request target first, before URL parsing can hide anything in it.
 *
 * The life of a call: route, authenticate, authorize, limit, read, own, plan, credential, forward, relay. `http/routes.ts` has the
 * routes, `http/routes/rpc.ts` and `rest.ts` the calls to agents.
 */
export function createGateway(deps: GatewayDeps): Gateway {
  const { config, store } = deps;
  const { agents, cardVersions } = store;
  const { issuers, deadlines, streams, load, breaker } = config;
  const limits = { ...config.limits, ...deadlines };
  const random = Math.random;
  const { cardSigner = keptCardSigner(deps) } = deps;
  const identity = createIdentitySigner({ ...deps, issuer: config.publicUrl });
  const { send, credentials } = createBackends({
    ...deps,
    identity,
    currentAuth: currentAuthOf(agents),
  });
  const noticed: HealthSharing['noticed'] = (agentId, news) => sharing.noticed(agentId, news);
  const traffic = createTraffic({ ...deps, load, breaker, random, noticed });
  const affinity = createAffinity({ ...deps, ...config.affinity, affinities: store.affinities });
  const noteHop = createNoteHop({ ...config.loops, publicUrl: config.publicUrl });
  const { probeIntervalMs: intervalMs } = config.health;
  const ask = createCardProbe({ ...deps, send, limits });
  const prober = createProber({ ...deps, agents, ask, traffic, intervalMs, random, pause });
  if (intervalMs > 0) deps.background?.(() => prober.run(deps.closing));
  const reports = createHealthReports({ ...deps, traffic, credentials, prober });
  const sharing = createHealthSharing({ ...deps, agents, health: store.health, reports });
  void warnOfHidden(store, deps.log);
  const revocations = createRevocations({ store: store.revocations, clock: deps.clock });
  const conditions = openConditions(config.permissions, deps.log);
  const judge = createWebhookJudge({ ...store, conditions, revocations });
  const sealer = createSealer(deps);
  const ownership = createOwnership({ ...deps, ...config.ownership, owned: store.ownership });
  const worker = createLaterWorker({
    ...deps,
    push: store.push,
    sealer,
    judge,
    settings: config.push,
    random,
  });
  const deliveries = createDeliveryLoop({ ...deps, ...config.push, push: store.push, worker, pause });
  deps.background?.(() => deliveries.run(deps.closing));
  const { wakePush = deliveries.wake } = deps;
  const push = createPushRelay({
    ...{ ...deps, ...config.push, publicUrl: config.publicUrl, store: store.push, sealer, judge, ownership },
    wake: wakePush,
  });
  const ending = createEnding(deps.closing);
  const seals = createAuditSeals(deps);
  const changeTrail = openChangeTrail(config.audit, { ...deps, seals });
  const { replay } = deps;
  return createApp(deps.routes, {
    ...deps,
    ...(config.audit.enabled && {
      trail: createCallTrail({
        ...deps,
        ...store,
        seals,
        settings: config.audit,
        pause,
      }),
    }),
    ...(replay !== undefined &&
      streams.resumeWindowMs > 0 && {
        resumableFeeds: new ResumableFeeds(streams, ending),
      }),
    identity,
    sealer,
    ownership,
    push,
    wakePush,
    cardSigning: createCardSigning(cardSigner, keySetUrl(config)),
    judgeGivenCard: createGivenCardJudge({ upstream: deps.upstream, timeoutMs: limits.cardTimeoutMs }),
    ending,
    authenticator: createAuthenticator({ ...deps, issuers }),
    limiter: createCallerLimiter({
      ...{ ...deps, settings: config.callerLimits, counters: store.counters },
      isFleet: config.store === 'dynamodb',
    }),
    conditions,
    coveredAgents: createCoveredAgents({ agents, clock: deps.clock }),
    changeTrail,
    management: createLaterManagement({ ...deps, changeTrail, send, agents, cardVersions, limits }),
    revocations,
    streamWatch: createStreamWatch(),
    health: createFleetHealthReports({ ...deps, reports, health: store.health }),
    forward: createForward({ ...deps, send, traffic, affinity, deadlines, streams, noteHop, random }),
  });
}
