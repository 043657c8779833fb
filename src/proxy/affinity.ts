import type { Principal } from '../access/principal.ts';
import { locationOf, stickinessOf } from '../backends/backend-config.ts';
import type { Clock, NewId } from '../ports.ts';
import type { CallIds } from '../protocol/call-ids.ts';
import type { Agent } from '../registry/agent.ts';
import type { AffinityStore, KeptPlace } from '../store/port.ts';
import { placeKey, sessionName } from './place-key.ts';

/** Who speaks with which agent. */
export interface Parties {
  agent: Agent;
  /** Absent where the gateway calls for itself. */
  principal: Principal | undefined;
}

/**
 * Where conversations and tasks are, for agents that keep each at one place: one of several origins, or a session of the
 * platform. Only whose the conversation is finds its place: of another owner the same ids are other ones.
 *
 * @throws GatewayError `store_unavailable`
 */
export interface Affinity {
  /**
   * Where the conversation or task is, or is to begin; `undefined`: wherever there is room. `isBound`: it lives there
   * alone (a known task), so no other place can answer.
   */
  place(call: Parties & { ids: CallIds }): Promise<{ place: string | undefined; isBound: boolean }>;
  /** Keeps the place of what an answer has shown. Durable when the promise resolves; the last one learned counts. */
  learn(call: Parties, place: string, ids: CallIds): Promise<void>;
}

export interface AffinityDeps {
  affinities: AffinityStore;
  clock: Clock;
  newId: NewId;
  /** How long a place is kept after it was last used, to the day. Default 7 days. */
  retentionMs: number;
  /** What conversations with an agent stick to. Default: what the kind of its target says. */
  sticksTo?: typeof stickinessOf;
}

const dayMs = 86_400_000;
/** Shortest time between two sweeps. */
const sweepMs = 1_000;

export function createAffinity(deps: AffinityDeps): Affinity {
  const { affinities, clock, newId, retentionMs, sticksTo = stickinessOf } = deps;
  const refreshMs = Math.min(dayMs, retentionMs / 2);
  let sweptAtMs = Number.NEGATIVE_INFINITY;

  const keyOf = (parties: Parties, name: keyof CallIds, id: string) =>
    placeKey(parties, sticksTo(parties.agent), name, id);

  async function known(parties: Parties, name: keyof CallIds, id: string | undefined) {
    if (id === undefined) return undefined;
    const kept = await affinities.get(await keyOf(parties, name, id));
    if (kept === undefined || kept.expiresAtMs <= clock.nowMs()) return undefined;
    return isPlace(kept.place, parties.agent) ? kept.place : undefined;
  }

  /** What was an origin of the agent once may be none now. */
  function isPlace(place: string, agent: Agent): boolean {
    return sticksTo(agent) === 'session' || locationOf(agent).origins.some(({ origin }) => origin === place);
  }

  /** Whether this is kept already, and for long enough: a write a day does for a conversation that goes on. */
  function isFresh(kept: KeptPlace | undefined, place: string, nowMs: number): boolean {
    return kept?.place === place && kept.expiresAtMs >= nowMs + retentionMs - refreshMs;
  }

  async function sweep(nowMs: number): Promise<void> {
    if (nowMs - sweptAtMs < sweepMs) return;
    sweptAtMs = nowMs;
    await affinities.sweep(nowMs).catch(() => {}); // What is left costs room, not an answer; a later sweep finds it.
  }

  return {
    async place({ ids: { contextId, taskId }, ...parties }) {
      const kind = sticksTo(parties.agent);
      if (kind === 'none') return { place: undefined, isBound: false };
      const ofTask = await known(parties, 'taskId', taskId);
      if (ofTask !== undefined) return { place: ofTask, isBound: true };
      const ofContext = await known(parties, 'contextId', contextId);
      if (ofContext !== undefined || kind === 'origin') return { place: ofContext, isBound: false };
      // One that the caller has named finds the same session again, learned or not.
      const session = contextId === undefined ? newId() + newId() : await sessionName(parties, contextId);
      return { place: session, isBound: false };
    },
    async learn(parties, place, { contextId, taskId }) {
      if (sticksTo(parties.agent) === 'none') return;
      const keys = await Promise.all([
        ...(taskId === undefined ? [] : [keyOf(parties, 'taskId', taskId)]),
        ...(contextId === undefined ? [] : [keyOf(parties, 'contextId', contextId)]),
      ]);
      const nowMs = clock.nowMs();
      const kept = await Promise.all(keys.map((key) => affinities.get(key)));
      const toWrite = keys.filter((_, n) => !isFresh(kept[n], place, nowMs)).map((key) => ({ key, place }));
      if (toWrite.length === 0) return;
      await affinities.put(toWrite, nowMs + retentionMs);
      await sweep(nowMs);
    },
  };
}
