import {
  type Counts,
  createCounts,
  type Demand,
  type FunctionKind,
  functionKinds,
  toDemand,
} from './demand.ts';
import { EventQueue } from './event-queue.ts';
import { InstanceCache } from './instance-cache.ts';
import { InstancePool } from './instance-pool.ts';
import { type Load, maxStreamSeconds } from './load.ts';
import { createPopulation, type Population, patternOf } from './population.ts';
import { createRandom, exponential, logNormal, type Random } from './random.ts';

const verifiedTokenSeconds = 60;
/** In the caches' numbering: beyond every instance of the data plane. */
const firstManagement = 2 ** 28;
/** A backend's token is given up this long before it expires. */
const backendTokenMarginSeconds = 60;
const wafBodyKb = 16;
/** 6 MB of event hold 4.5 MB of body in base64. */
const lambdaBodyKb = 4.5 * 1024;

/**
 * Plays a load on the stack, call by call, and answers what it asks of each service. Limits are not enforced: the
 * demand is what would be needed. The same load gives the same answer.
 *
 * Not played: retries, answers' sizes, what DynamoDB does to spread a hot key, and writes, which are rare.
 */
export function simulate(load: Load): Demand {
  return new Run(load).play();
}

type Kind = 'send' | 'stream' | 'list';

class Run {
  readonly #load: Load;
  readonly #random: Random;
  readonly #people: Population;
  readonly #events = new EventQueue();
  readonly #pools: Readonly<Record<FunctionKind, InstancePool>>;
  readonly #agentCache: InstanceCache;
  readonly #permissionCache: InstanceCache;
  readonly #authorizerPermissions: InstanceCache;
  readonly #verified = new InstanceCache(verifiedTokenSeconds);
  readonly #backendTokens: InstanceCache;
  readonly #authorizedUntil: Float64Array;
  readonly #tokenUntil: Float64Array;
  readonly #callsPerSecond: number;
  readonly #streamsPerSecond: number;
  #counts: Counts = createCounts(0);
  /** Instances below this number were there before the run, and may remember what it has not seen. */
  #before = 0;

  constructor(load: Load) {
    this.#load = load;
    this.#random = createRandom(load.seed ^ 0x5bd1e995);
    this.#people = createPopulation(load);
    this.#pools = {
      authorizer: new InstancePool(this.#random),
      dataPlane: new InstancePool(this.#random),
      management: new InstancePool(this.#random),
    };
    this.#agentCache = new InstanceCache(load.storeCacheSeconds);
    this.#permissionCache = new InstanceCache(load.storeCacheSeconds);
    this.#authorizerPermissions = new InstanceCache(load.storeCacheSeconds);
    this.#backendTokens = new InstanceCache(load.backendTokenSeconds - backendTokenMarginSeconds);
    this.#authorizedUntil = new Float64Array(load.callers);
    const calls = load.callers * (load.sendsPerCallerHour + load.listsPerCallerHour);
    this.#streamsPerSecond = load.streams / meanStreamSeconds(load);
    this.#callsPerSecond = calls / 3_600 + this.#streamsPerSecond;
    this.#tokenUntil = Float64Array.from({ length: load.callers }, (_, caller) => this.#tokenEnd(caller));
  }

  play(): Demand {
    const { countedSeconds, streams, logBytesPerRequest } = this.#load;
    const warmSeconds = warmSecondsOf(this.#load);
    for (let stream = 0; stream < streams; stream++) {
      const { instance } = this.#pools.dataPlane.take();
      this.#release(this.#streamLength(), 'dataPlane', instance);
    }
    this.#playUntil(0, warmSeconds);
    this.#before = this.#pools.dataPlane.created;
    const half = warmSeconds + countedSeconds / 2;
    const steady = this.#count(warmSeconds, half);
    for (const kind of functionKinds) this.#pools[kind].deploy();
    const deployed = this.#count(half, warmSeconds + countedSeconds);
    return toDemand(steady, deployed, countedSeconds / 2, logBytesPerRequest);
  }

  /** Callers are anywhere between taking a token and the first call after its end, when they take another. */
  #tokenEnd(caller: number): number {
    const { callerTokenSeconds } = this.#load;
    const betweenCalls = 1 / (this.#callsPerSecond * this.#people.callers.share(caller));
    if (betweenCalls === Number.POSITIVE_INFINITY) return callerTokenSeconds;
    return this.#random() * (callerTokenSeconds + betweenCalls) - betweenCalls;
  }

  #count(from: number, until: number): Counts {
    this.#counts = createCounts(from);
    this.#playUntil(from, until);
    return this.#counts;
  }

  /** Calls of all kinds are one stream of arrivals, since they come independently. */
  #playUntil(from: number, until: number): void {
    let next = from + this.#untilNextCall();
    for (;;) {
      const now = Math.min(next, this.#events.nextTime);
      if (now >= until) return;
      if (now < next) this.#finish(this.#events.pop());
      else {
        this.#call(now, this.#kind());
        next = now + this.#untilNextCall();
      }
    }
  }

  #untilNextCall(): number {
    return this.#callsPerSecond === 0
      ? Number.POSITIVE_INFINITY
      : exponential(this.#random, 1 / this.#callsPerSecond);
  }

  #kind(): Kind {
    const { sendsPerCallerHour, listsPerCallerHour } = this.#load;
    const place = this.#random() * this.#callsPerSecond;
    if (place < this.#streamsPerSecond) return 'stream';
    const share = sendsPerCallerHour / (sendsPerCallerHour + listsPerCallerHour);
    return (place - this.#streamsPerSecond) / (this.#callsPerSecond - this.#streamsPerSecond) < share
      ? 'send'
      : 'list';
  }

  /** An environment that is free, counted; busy until it is released. */
  #take(now: number, kind: FunctionKind): { instance: number; isNew: boolean } {
    const counts = this.#counts.functions[kind];
    const taken = this.#pools[kind].take();
    counts.invocations.add(now);
    if (taken.isNew) counts.newEnvironments.add(now);
    counts.mostBusy = Math.max(counts.mostBusy, this.#pools[kind].busy);
    return taken;
  }

  #release(time: number, kind: FunctionKind, instance: number): void {
    this.#events.push(time, instance * functionKinds.length + functionKinds.indexOf(kind));
  }

  #finish(event: number): void {
    const kind = functionKinds[event % functionKinds.length] ?? 'dataPlane';
    this.#pools[kind].release(Math.floor(event / functionKinds.length));
  }

  #call(now: number, kind: Kind): void {
    const counts = this.#counts;
    counts.requests.add(now);
    counts.account.draw(now);
    counts.stage.draw(now);
    if (kind !== 'list') this.#weighBody();
    const caller = this.#people.callers.draw(this.#random);
    if (now >= (this.#tokenUntil[caller] ?? 0)) {
      counts.callerTokens.add(now);
      this.#tokenUntil[caller] = now + this.#load.callerTokenSeconds;
      this.#authorizedUntil[caller] = 0;
    }
    if (now >= (this.#authorizedUntil[caller] ?? 0)) this.#authorize(now, caller);
    this.#serve(now, caller, kind);
  }

  #weighBody(): void {
    const kb = logNormal(this.#random, this.#load.bodyMedianKb, this.#load.bodySigma);
    if (kb > wafBodyKb) this.#counts.bodiesBeyondWaf++;
    if (kb > lambdaBodyKb) this.#counts.bodiesBeyondLambda++;
  }

  #authorize(now: number, caller: number): void {
    const { authorizerCacheSeconds, authorizerMs, authorizerColdMs, authorizerRemembers } = this.#load;
    this.#authorizedUntil[caller] = now + authorizerCacheSeconds;
    const { instance, isNew } = this.#take(now, 'authorizer');
    this.#release(now + (authorizerMs + (isNew ? authorizerColdMs : 0)) / 1_000, 'authorizer', instance);
    const scopes = this.#people.scopesOf(caller);
    for (const scope of scopes) {
      const knows = authorizerRemembers && this.#authorizerPermissions.has(instance, scope, now);
      if (!knows) this.#readPermission(now, scope);
    }
    // IAM knows no tags: every index entry of each is read, and no document.
    const tagged = scopes.filter((scope) => patternOf(scope) === 'tag');
    if (tagged.length > 0) this.#resolveTags(now, tagged);
  }

  #resolveTags(now: number, scopes: Int32Array): void {
    for (const scope of scopes) {
      const tag = this.#people.tagOf(scope);
      this.#readTag(now, tag, this.#people.tagUnits(tag));
    }
  }

  #serve(now: number, caller: number, kind: Kind): void {
    const { dataPlaneMs, dataPlaneColdMs, agentSeconds } = this.#load;
    const counts = this.#counts;
    const role = kind === 'list' ? 'management' : 'dataPlane';
    const { instance: number, isNew } = this.#take(now, role);
    // Instances of the two remember apart.
    const instance = role === 'management' ? number + firstManagement : number;
    if (!this.#verified.has(instance, caller, now)) counts.signatures.add(now);
    const scopes = this.#people.scopesOf(caller);
    for (const scope of scopes) {
      counts.permissionReads++;
      if (this.#permissionCache.has(instance, scope, now)) counts.permissionHits++;
      else this.#readPermission(now, scope);
    }
    if (kind === 'list') this.#list(now, scopes);
    else this.#reachAgent(now, instance);
    let seconds = (dataPlaneMs + (isNew ? dataPlaneColdMs : 0)) / 1_000;
    if (kind === 'send') seconds += exponential(this.#random, agentSeconds);
    if (kind === 'stream') seconds += this.#streamLength();
    this.#release(now + seconds, role, number);
  }

  #reachAgent(now: number, instance: number): void {
    const counts = this.#counts;
    const agent = this.#people.agents.draw(this.#random);
    counts.agentReads++;
    if (this.#agentCache.has(instance, agent, now)) counts.agentHits++;
    else {
      const units = this.#people.documentUnits(agent);
      counts.agentUnits.add(now, agent, units);
      counts.tableUnits.add(now, units);
    }
    if (!this.#people.wantsOauth(agent)) return;
    const known = this.#backendTokens.has(instance, agent, now) || this.#knewBefore(instance, agent);
    if (!known) counts.secretCalls.add(now);
  }

  /**
   * Whether an instance older than the run would have the agent's token from its time before: an hour is too long to
   * play, so it is drawn from how often instances meet the agent.
   */
  #knewBefore(instance: number, agent: number): boolean {
    if (this.#before > 0 && instance >= this.#before) return false;
    const { backendTokenSeconds, instanceHours } = this.#load;
    const remembered = Math.min(backendTokenSeconds - backendTokenMarginSeconds, (instanceHours * 3_600) / 2);
    const meetings = (this.#callsPerSecond / this.#pools.dataPlane.size) * this.#people.agents.share(agent);
    return this.#random() < 1 - Math.exp(-meetings * remembered);
  }

  #readPermission(now: number, scope: number): void {
    this.#counts.permissionUnits.add(now, scope, 1);
    this.#counts.tableUnits.add(now, 1);
  }

  /** One page of what scopes cover: all their entries, for the exact total, and the page's documents. */
  #list(now: number, scopes: Int32Array): void {
    const { tableUnits } = this.#counts;
    const people = this.#people;
    tableUnits.add(now, people.pageUnits(scopes));
    if (scopes.some((scope) => patternOf(scope) === 'all')) {
      this.#readIndex(now, people.indexUnits);
      return;
    }
    for (const scope of scopes) {
      const pattern = patternOf(scope);
      if (pattern === 'prefix') this.#readIndex(now, people.prefixUnits);
      else if (pattern === 'ids') this.#readIndex(now, people.idUnits);
      else this.#readTag(now, people.tagOf(scope), people.tagUnits(people.tagOf(scope)));
    }
  }

  #readIndex(now: number, units: number): void {
    this.#counts.indexUnits.add(now, units);
    this.#counts.tableUnits.add(now, units);
  }

  #readTag(now: number, tag: number, units: number): void {
    this.#counts.tagUnits.add(now, tag, units);
    // One more for agents of too many tags, which are elsewhere.
    this.#counts.tableUnits.add(now, units + 1);
  }

  #streamLength(): number {
    return Math.min(maxStreamSeconds, exponential(this.#random, this.#load.streamSeconds));
  }
}

/** API Gateway remembers for an hour at most. */
function warmSecondsOf({ warmSeconds, authorizerCacheSeconds }: Load): number {
  return Math.max(warmSeconds, Math.min(authorizerCacheSeconds, 3_600));
}

/** Shorter than without the cut at 15 minutes. */
function meanStreamSeconds({ streamSeconds }: Load): number {
  return streamSeconds * (1 - Math.exp(-maxStreamSeconds / streamSeconds));
}
