import { inParallel } from '../../in-parallel.ts';
import type { Log } from '../../ports.ts';
import type { Agent } from '../../registry/agent.ts';
import type { AgentStore } from '../../store/port.ts';
import { type SearchDocument, toDocumentJson, toSearchDocument } from '../document.ts';
import { type Placed, place, type Target } from './place.ts';
import type { VectorBucket } from './vector-bucket.ts';

export interface SyncDeps {
  agents: Pick<AgentStore, 'get'>;
  bucket: VectorBucket;
  log: Log;
}

/** An agent that changes more often while it is written is left to the next try. */
const maxRounds = 5;
const maxParallelReads = 8;

type Documents = Map<string, SearchDocument | undefined>;

/**
 * Brings agents in step in every target. After the writes each agent is read again, and written again if it is another by
 * then: of two writers the one that read the older state looks again after it has written, so it cannot win.
 *
 * @param isAnew makes every vector again
 */
export async function syncAgents(
  deps: SyncDeps,
  agentIds: readonly string[],
  targets: readonly Target[],
  isAnew = false,
): Promise<Placed> {
  const failed = new Set<string>();
  const refused = new Set<string>();
  let cause: unknown;
  let documents = await read(deps, [...new Set(agentIds)]);
  for (let round = 1; documents.size > 0; round++) {
    for (const target of targets) {
      const placed = await place(deps, target, documents, isAnew && round === 1);
      for (const agentId of placed.failed) failed.add(agentId);
      for (const agentId of placed.refused) refused.add(agentId);
      cause ??= placed.cause;
    }
    const now = await read(deps, [...documents.keys()]);
    const changed: Documents = new Map(
      [...now].filter(([agentId, document]) => stamp(document) !== stamp(documents.get(agentId))),
    );
    if (round === maxRounds) {
      for (const agentId of changed.keys()) failed.add(agentId);
      break;
    }
    documents = changed;
  }
  return { failed: [...failed], refused: [...refused], ...(cause !== undefined && { cause }) };
}

/** Undefined for an agent that is absent or not active. */
async function read({ agents }: SyncDeps, agentIds: readonly string[]): Promise<Documents> {
  const found = await inParallel(agentIds, maxParallelReads, (agentId) =>
    agents.get(agentId, { fresh: true }),
  );
  return new Map(agentIds.map((agentId, at) => [agentId, documentOf(found[at])]));
}

function documentOf(agent: Agent | undefined): SearchDocument | undefined {
  return agent?.status === 'active' ? toSearchDocument(agent) : undefined;
}

/** All that is written of an agent: a revision can come again when an agent is deleted and made anew. */
function stamp(document: SearchDocument | undefined): string {
  return document === undefined ? '' : toDocumentJson(document);
}
