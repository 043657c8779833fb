import { bindingClauses } from './requirements/bindings.ts';
import { bridgingClauses } from './requirements/bridging.ts';
import { cardClauses } from './requirements/cards.ts';
import type { Clause } from './requirements/clause.ts';
import { errorClauses } from './requirements/errors.ts';
import { operationClauses } from './requirements/operations.ts';
import { otherClauses } from './requirements/other.ts';
import { securityClauses } from './requirements/security.ts';
import { streamClauses } from './requirements/streams.ts';
import { versionClauses } from './requirements/versions.ts';

/**
 * The clauses the gateway claims to keep, by id. A test says with `cites` which it shows; one that none shows fails the
 * run, and `docs/conformance.md` is made of them.
 */
export const requirements = {
  ...operationClauses,
  ...versionClauses,
  ...errorClauses,
  ...streamClauses,
  ...bindingClauses,
  ...bridgingClauses,
  ...cardClauses,
  ...securityClauses,
  ...otherClauses,
} as const;

export type RequirementId = keyof typeof requirements;

export const requirementIds = Object.keys(requirements) as readonly RequirementId[];

export function requirementOf(id: RequirementId): Clause {
  return requirements[id];
}

/** By subject, in the order of the document. */
export const subjects: readonly [title: string, ids: readonly RequirementId[]][] = [
  ['Operations', idsOf(operationClauses)],
  ['Versions and capabilities', idsOf(versionClauses)],
  ['Errors', idsOf(errorClauses)],
  ['Streams', idsOf(streamClauses)],
  ['Bindings', idsOf(bindingClauses)],
  ['Bridging', idsOf(bridgingClauses)],
  ['Cards', idsOf(cardClauses)],
  ['Security', idsOf(securityClauses)],
  ['Other specifications', idsOf(otherClauses)],
];

function idsOf<T extends Partial<typeof requirements>>(clauses: T): readonly (keyof T & RequirementId)[] {
  return Object.keys(clauses) as (keyof T & RequirementId)[];
}
