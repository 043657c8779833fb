import type { OperationName } from '../../../src/protocol/operations.ts';
import { type Pair, titleOf } from '../cells.ts';
import { type Exchange, exchanges } from './exchanges.ts';
import { wireProtocols } from './stand.ts';

export type PairRow = readonly [caller: string, agent: string, pair: Pair];

/** Every caller with every agent, with their titles. */
export const pairRows: readonly PairRow[] = wireProtocols.flatMap((caller) =>
  wireProtocols.map((agent): PairRow => [titleOf(caller), titleOf(agent), { caller, agent }]),
);

/** The first exchange of an operation. */
export function exchangeOf(name: OperationName): Exchange {
  const found = exchanges.find(({ operation }) => operation === name);
  if (found === undefined) throw new TypeError(`no exchange of ${name}`);
  return found;
}
