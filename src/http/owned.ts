import type { JsonObject } from '../bridge/core-call.ts';
import { GatewayError } from '../failure.ts';
import { ownershipOf } from '../ownership/ownership.ts';
import { toShown } from '../ownership/shown.ts';
import { type NamedIds, namedIds, namingMembers } from '../protocol/named-ids.ts';
import { type Operation, operations } from '../protocol/operations.ts';
import { type Sighting, sightingsOf } from '../protocol/sightings.ts';
import type { LookAtResults } from '../proxy/learning.ts';
import type { Admission } from './admission.ts';
import type { Services } from './services.ts';

/** What a call says it is about. */
export interface OwnedCall {
  operation: Operation;
  /** As the caller says it. */
  named: NamedIds;
  /** As the agent will be told, where that is another request. */
  core: JsonObject | undefined;
}

/**
 * Lets a call pass that is about its caller's own tasks and contexts, and answers how its results are to be looked at:
 * what they show becomes the caller's, or is withheld. Undefined where the agent keeps its callers apart itself.
 *
 * @throws GatewayError `task_not_found`, `context_refused`, `store_unavailable`
 */
export async function own(
  { operation, named, core }: OwnedCall,
  { agent, principal }: Admission,
  { ownership, clock }: Services,
): Promise<LookAtResults | undefined> {
  if (ownershipOf(agent) === 'backend') return undefined;
  const holder = await ownership.holderOf(agent, principal);
  const claims = isMessage(operation);
  const about = core === undefined ? named : joined(named, namedIds(coreNaming.get(operation) ?? [], [core]));
  await ownership.check(holder, about, { claims });
  // What a message goes on with stays its owner's, though an answer need not show it.
  const goneOnWith = claims ? about.contextIds.map((contextId) => ({ contextId })) : [];
  return (results) => {
    const sightings = [...goneOnWith, ...results.flatMap((result) => sightingsOf(operation, result))];
    if (sightings.length === 0) return undefined;
    if (!claims) checkNamed(sightings, about);
    return ownership.learn(holder, toShown(sightings, clock.nowMs()));
  };
}

const coreNaming = new Map(
  operations.map((operation) => [operation, namingMembers(operation, operation.guarded)]),
);

/** Only a message begins something. */
function isMessage({ name }: Operation): boolean {
  return name === 'SendMessage' || name === 'SendStreamingMessage';
}

function joined(one: NamedIds, other: NamedIds): NamedIds {
  return {
    taskIds: [...new Set([...one.taskIds, ...other.taskIds])],
    contextIds: [...new Set([...one.contextIds, ...other.contextIds])],
  };
}

/** What was asked about one task is not answered with another, which may be anybody's. */
function checkNamed(sightings: readonly Sighting[], { taskIds }: NamedIds): void {
  const isNamed = ({ taskId }: Sighting) => taskId === undefined || taskIds.includes(taskId);
  if (!sightings.every(isNamed))
    throw new GatewayError({ code: 'upstream_response_invalid', problem: 'owner' });
}
