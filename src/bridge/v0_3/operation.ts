import type { Operation, OperationName } from '../../protocol/operations.ts';

/** The operations that 0.3 has: all but listing tasks. */
export type LegacyOperationName = Exclude<OperationName, 'ListTasks'>;

/** @throws TypeError for an operation that 0.3 does not have: the choice of an interface never leads here */
export function legacyNameOf({ name }: Operation): LegacyOperationName {
  if (name === 'ListTasks') throw new TypeError(`A2A 0.3 has no ${name}`);
  return name;
}
