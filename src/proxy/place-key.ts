import { sharing } from '../ownership/holder.ts';
import { ownershipOf } from '../ownership/ownership.ts';
import { sha256Hex } from '../protocol/bytes.ts';
import type { CallIds } from '../protocol/call-ids.ts';
import type { Parties } from './affinity.ts';

/**
 * Under what the place of a conversation or task is kept. Another owner, another agent, one that was deleted and
 * registered again (it has another time), and another kind of place have another key: a place is never found by whom it
 * is not for, nor taken for what it is not. Who shares a task with others finds it where they have begun it.
 */
export function placeKey(parties: Parties, kind: string, name: keyof CallIds, id: string): Promise<string> {
  return digestOf(['place', kind, ...identity(parties), name, id]);
}

/** The session of a conversation that the caller has named: the same each time, and no two owners' are one. */
export function sessionName(parties: Parties, contextId: string): Promise<string> {
  return digestOf(['session', ...identity(parties), contextId]);
}

function identity({ agent, principal }: Parties): unknown[] {
  const { agentId, createdAtMs } = agent;
  return [agentId, createdAtMs, principal === undefined ? null : sharing(principal, ownershipOf(agent))];
}

/**
 * 64 characters, whatever strangers choose as ids. The parts go in as JSON, so no two lists of them are one text, and a
 * lone surrogate is not taken for another. In hex: platforms want sessions that begin with a letter or digit and have 33
 * characters or more.
 */
function digestOf(parts: readonly unknown[]): Promise<string> {
  return sha256Hex(JSON.stringify(parts));
}
