import type { Demand } from './demand.ts';
import { type Limit, limits } from './limits.ts';
import type { Load } from './load.ts';
import { simulate } from './run.ts';

/** One thing about a load that grows while the rest stays. */
export interface Dial {
  name: string;
  /** The load with so much of it. */
  at(base: Load, amount: number): Load;
  from: number;
  to: number;
  /** How the amount is written in a table. */
  write(amount: number, base: Load): string;
}

/** More callers, each as busy as before. No streams, so that what is found is the calls' own. */
const callers: Dial = {
  name: 'requests/s',
  at: (base, amount) => ({ ...base, callers: Math.max(1, Math.round(amount)), streams: 0 }),
  from: 100,
  to: 3_276_800,
  write: (amount, base) => rounded((amount * (base.sendsPerCallerHour + base.listsPerCallerHour)) / 3_600),
};

/** More streams, and nobody who sends or lists. */
const streams: Dial = {
  name: 'open streams',
  at: (base, amount) => ({
    ...base,
    streams: Math.round(amount),
    sendsPerCallerHour: 0,
    listsPerCallerHour: 0,
  }),
  from: 100,
  to: 409_600,
  write: rounded,
};

/** More agents, called as often as the base's are. */
const agents: Dial = {
  name: 'agents',
  at: (base, amount) => ({ ...base, agents: Math.round(amount), streams: 0 }),
  from: 100,
  to: 819_200,
  write: rounded,
};

export const dials: readonly Dial[] = [callers, streams, agents];

export interface Step {
  amount: number;
  load: Load;
  demand: Demand;
}

/** Plays a load with one dial turned up, doubling. */
export function turnUp(base: Load, dial: Dial): Step[] {
  const steps: Step[] = [];
  for (let amount = dial.from; amount <= dial.to; amount *= 2) {
    const load = dial.at(base, amount);
    steps.push({ amount, load, demand: simulate(load) });
  }
  return steps;
}

/**
 * Where a limit is reached first: between the last step within it and the first beyond, on the straight line between
 * their logarithms. Undefined: not within these steps, or before the first: then it has nothing to do with the dial.
 */
export function bitesAt({ quota, demand }: Limit, steps: readonly Step[]): number | undefined {
  const at = steps.findIndex((step) => demand(step.demand, step.load) >= quota);
  const [below, above] = [steps[at - 1], steps[at]];
  if (below === undefined || above === undefined) return undefined;
  const least = Math.max(demand(below.demand, below.load), Number.MIN_VALUE);
  const most = demand(above.demand, above.load);
  const share = least >= quota ? 0 : Math.log(quota / least) / Math.log(most / least);
  return below.amount * (above.amount / below.amount) ** share;
}

/** Limits by how much of each a load uses, the fullest first. */
export function byUtilisation(demand: Demand, load: Load): { limit: Limit; utilisation: number }[] {
  return limits
    .map((limit) => ({ limit, utilisation: limit.demand(demand, load) / limit.quota }))
    .sort((one, other) => other.utilisation - one.utilisation);
}

/** Two figures that count: more would say more than is known. */
export function rounded(value: number): string {
  return Number(value.toPrecision(2)).toLocaleString('en-US');
}
