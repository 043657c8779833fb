import type { Load } from './load.ts';
import { createRandom, createZipf, type Zipf } from './random.ts';

/** Entries of the index and of tags; a strongly consistent read unit holds 4 KB. */
const entryBytes = 200;
const unitBytes = 4_096;
const tagsPerAgent = 2;
const agentsPerTag = 20;
/** Agents a scope names one by one, and the share of all that a prefix covers. */
const idsPerScope = 20;
const prefixShare = 0.01;
/** The default page of a listing, and of what the authorizer resolves tags with. */
export const pageSize = 50;

/** How a scope names the agents it covers; listing costs what each has to look through. */
export type Pattern = 'ids' | 'tag' | 'prefix' | 'all';

/** Of 50 scopes: 25 name agents, 20 a tag, 4 a prefix, one all. Mixed over the ranks, the same for any load. */
export function patternOf(scope: number): Pattern {
  const place = (scope * 7 + 3) % 50;
  if (place === 0) return 'all';
  if (place <= 4) return 'prefix';
  return place <= 24 ? 'tag' : 'ids';
}

/** Agents, scopes and callers of a load: what is fixed before anyone calls. */
export interface Population {
  agents: Zipf;
  callers: Zipf;
  /** Read units of an agent's document. */
  documentUnits(agent: number): number;
  wantsOauth(agent: number): boolean;
  scopesOf(caller: number): Int32Array;
  /** The tag of a scope whose pattern is one. */
  tagOf(scope: number): number;
  /** Read units of all entries with a tag, with a prefix, or of all agents. */
  tagUnits(tag: number): number;
  prefixUnits: number;
  indexUnits: number;
  /** Read units of the entries of agents that a scope names one by one. */
  idUnits: number;
  /** Read units of the documents on a first page of what the scopes cover. */
  pageUnits(scopes: Iterable<number>): number;
}

export function entryUnits(entries: number): number {
  return Math.max(1, Math.ceil((entries * entryBytes) / unitBytes));
}

export function createPopulation(load: Load): Population {
  const { agents, callers, scopesPerCaller } = load;
  const random = createRandom(load.seed);
  const tags = createZipf(Math.max(1, Math.round(agents / agentsPerTag)), load.scopeSkew);
  const tagCount = Math.max(1, Math.round(agents / agentsPerTag));
  const taggedBy = (tag: number) => Math.min(agents, Math.ceil(tags.share(tag) * agents * tagsPerAgent));
  const tagOf = (scope: number) => scope % tagCount;
  const units = Uint8Array.from({ length: agents }, () => {
    // Small cards are the rule: the square draws towards the least.
    const kb = load.documentLeastKb + (load.documentMostKb - load.documentLeastKb) * random() ** 2;
    return Math.ceil((kb * 1024) / unitBytes);
  });
  const meanUnits = units.reduce((sum, each) => sum + each, 0) / agents;
  const oauth = Uint8Array.from({ length: agents }, () => (random() < load.oauthShare ? 1 : 0));
  const scopeZipf = createZipf(load.scopes, load.scopeSkew);
  const scopesOf = Int32Array.from({ length: callers * scopesPerCaller }, () => scopeZipf.draw(random));
  const covered = (scope: number): number => {
    const pattern = patternOf(scope);
    if (pattern === 'all') return agents;
    if (pattern === 'prefix') return Math.ceil(agents * prefixShare);
    return pattern === 'tag' ? taggedBy(tagOf(scope)) : Math.min(agents, idsPerScope);
  };
  return {
    agents: createZipf(agents, load.agentSkew),
    callers: createZipf(callers, load.callerSkew),
    documentUnits: (agent) => units[agent] ?? 1,
    wantsOauth: (agent) => oauth[agent] === 1,
    scopesOf: (caller) => scopesOf.subarray(caller * scopesPerCaller, (caller + 1) * scopesPerCaller),
    tagOf,
    tagUnits: (tag) => entryUnits(taggedBy(tag)),
    prefixUnits: entryUnits(agents * prefixShare),
    indexUnits: entryUnits(agents),
    idUnits: Math.min(agents, idsPerScope),
    pageUnits(scopes) {
      let all = 0;
      for (const scope of scopes) all += covered(scope);
      return Math.ceil(Math.min(pageSize, all, agents) * meanUnits);
    },
  };
}
