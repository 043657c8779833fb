/**
 * Durations that costs and loads are calculated from: medians of `bench/aws/measure.ts` on a machine of two shared x86
 * cores.
 */
export interface Measured {
  /** When, with what. Absent: assumed, not measured yet. */
  measuredOn?: string;
  authorizer: FunctionTimes;
  dataPlane: FunctionTimes;
}

export interface FunctionTimes {
  /** As the stack sets it. */
  memoryMb: number;
  /** An invocation of an instance that has answered before; of the data plane a send, its agent's time taken off. */
  warmMs: number;
  /** From the import of the bundle to the first answer: billed in full. */
  coldMs: number;
}

/** Medians of three runs, with DynamoDB Local for a table, on a machine that did nothing else. */
export const measured: Measured = {
  measuredOn: '2026-11-23, Node 24.21, two shared x86 cores',
  authorizer: { memoryMb: 512, warmMs: 2.9, coldMs: 129 },
  dataPlane: { memoryMb: 1_024, warmMs: 6.8, coldMs: 238 },
};

/** Lambda gives a whole core from here on (its documentation), and less of one to less memory. */
const wholeCoreMb = 1_769;

/** How long the same work takes on Lambda, if it is all work and no waiting: the most it can be. */
export function onLambda({ memoryMb }: { memoryMb: number }, ms: number): number {
  return ms * Math.max(1, wholeCoreMb / memoryMb);
}
