import { LRUCache } from 'lru-cache';
import type { GatewayError } from '../failure.ts';
import type { Clock, Log } from '../ports.ts';

/** What probes have found of one origin. Times are milliseconds since the epoch. */
export interface Probe {
  lastSuccessMs?: number;
  lastFailure?: { atMs: number; code: string };
}

interface Finding extends Probe {
  isFailing: boolean;
}

/** Agents remembered; the least recently probed is forgotten first. */
const maxAgents = 10_000;

const nothing: ReadonlyMap<string, Probe> = new Map();

/** What probes have found, by agent and origin. Logs what changes, not what stays. */
export class Findings {
  readonly #deps: { clock: Clock; log: Log };
  readonly #byAgent = new LRUCache<string, Map<string, Finding>>({ max: maxAgents });

  constructor(deps: { clock: Clock; log: Log }) {
    this.#deps = deps;
  }

  /** By origin. Empty where nothing was found yet. */
  of(agentId: string): ReadonlyMap<string, Probe> {
    return this.#byAgent.get(agentId) ?? nothing;
  }

  succeeded(agentId: string, origin: string): void {
    const before = this.#note(agentId, origin, { lastSuccessMs: this.#deps.clock.nowMs(), isFailing: false });
    if (before?.isFailing) this.#deps.log.write('info', 'probe answered again', { agentId, origin });
  }

  failed(agentId: string, origin: string, { failure, cause }: GatewayError): void {
    const lastFailure = { atMs: this.#deps.clock.nowMs(), code: failure.code };
    const before = this.#note(agentId, origin, { lastFailure, isFailing: true });
    if (!before?.isFailing) this.#deps.log.write('warn', 'probe failed', { agentId, origin, failure, cause });
  }

  /** Forgets the agent's other origins, where it is no more. */
  keepOnly(agentId: string, origins: readonly string[]): void {
    const ofAgent = this.#byAgent.get(agentId);
    for (const origin of ofAgent?.keys() ?? []) if (!origins.includes(origin)) ofAgent?.delete(origin);
  }

  /** Answers what was known before. */
  #note(agentId: string, origin: string, news: Finding): Finding | undefined {
    const ofAgent = this.#byAgent.get(agentId) ?? new Map<string, Finding>();
    const before = ofAgent.get(origin);
    ofAgent.set(origin, { ...before, ...news });
    this.#byAgent.set(agentId, ofAgent);
    return before;
  }
}
