import type { Pause } from '../pause.ts';
import type { AgentStore } from '../store/port.ts';

export interface RoundsDeps {
  /** How long a round takes; longer where visits do. */
  intervalMs: number;
  /** Visits under way at once. */
  maxAtOnce: number;
  agents: Pick<AgentStore, 'ids'>;
  visit(agentId: string, signal: AbortSignal): Promise<void>;
  /** Once when something begins to fail, not in every round. */
  failed(cause: unknown): void;
  /** After a round without a failure. */
  recovered(): void;
  pause: Pause;
  random: () => number;
}

const pageSize = 100;

/**
 * Visits every active agent, again and again, spread evenly over each round. A visit that lasts holds one of the places
 * and not the round, and its agent is not visited twice at once. Begins at a moment of chance, so that the processes of a
 * fleet do not come to an agent together.
 *
 * Resolves when the signal has fired and nothing is under way. Never rejects.
 */
export async function runRounds(deps: RoundsDeps, signal: AbortSignal): Promise<void> {
  const { intervalMs, maxAtOnce, agents, pause, random } = deps;
  const underWay = new Map<string, Promise<void>>();
  let wasFailing = false;
  let isFailing = false;

  function failed(cause: unknown): void {
    if (signal.aborted) return;
    if (!wasFailing && !isFailing) deps.failed(cause);
    isFailing = true;
  }

  async function begin(agentId: string): Promise<void> {
    if (underWay.has(agentId)) return;
    while (underWay.size >= maxAtOnce) await Promise.race(underWay.values());
    if (signal.aborted) return;
    const visit = deps.visit(agentId, signal).catch(failed);
    const ended = visit.finally(() => underWay.delete(agentId));
    underWay.set(agentId, ended);
  }

  async function round(): Promise<void> {
    let after: string | undefined;
    do {
      const page = await agents.ids(
        { status: 'active' },
        { size: pageSize, ...(after !== undefined && { after }) },
      );
      for (const agentId of page.items) {
        await begin(agentId);
        await pause((intervalMs / page.totalSize) * (0.5 + random()), signal);
        if (signal.aborted) return;
      }
      if (page.totalSize === 0) await pause(intervalMs, signal);
      after = page.next;
    } while (after !== undefined && !signal.aborted);
  }

  await pause(intervalMs * random(), signal);
  while (!signal.aborted) {
    isFailing = false;
    try {
      await round();
    } catch (cause) {
      failed(cause);
      await pause(intervalMs, signal);
    }
    if (wasFailing && !isFailing && !signal.aborted) deps.recovered();
    wasFailing = isFailing;
  }
  await Promise.all(underWay.values());
}
