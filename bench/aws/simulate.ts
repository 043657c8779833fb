import type { Demand } from './simulation/demand.ts';
import type { Limit } from './simulation/limits.ts';
import type { Load } from './simulation/load.ts';
import { parseLoad } from './simulation/options.ts';
import { simulate } from './simulation/run.ts';
import { bitesAt, byUtilisation, dials, rounded, turnUp } from './simulation/sweep.ts';

/**
 * What a load asks of each service of the AWS stack, how much of its quota that is, and where each quota ends.
 *
 *     node --import tsx bench/aws/simulate.ts [--agents 10000 --callers 100000 --streams 10000 …]
 *
 * Every member of `Load` is an option in kebab case. `--no-sweep` leaves out where limits bite.
 */

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function percent(share: number): string {
  return `${rounded(share * 100)} %`;
}

function ratios(demand: Demand, load: Load): string[][] {
  return [
    ['requests a second, busiest', rounded(demand.requestsPerSecond)],
    ['authorizer invocations a request', demand.authorizerCallsPerRequest.toFixed(2)],
    ['signatures verified by the data plane, a request', demand.signaturesPerRequest.toFixed(2)],
    [`agents found in an instance (${load.storeCacheSeconds} s)`, percent(demand.agentHitShare)],
    [`permissions found in an instance (${load.storeCacheSeconds} s)`, percent(demand.permissionHitShare)],
    ['read units a request', demand.unitsPerRequest.toFixed(1)],
    ['GetSecretValue a request', demand.secretCallsPerRequest.toFixed(2)],
    ['new environments in 10 s, steady', rounded(demand.newEnvironmentsPer10s)],
    ['log, GB a day', rounded(demand.logGbPerDay)],
    ['bodies of which WAF sees the first 16 KB only', percent(demand.bodiesBeyondWafShare)],
    ['bodies too large for Lambda (4.5 MB)', percent(demand.bodiesBeyondLambdaShare)],
  ];
}

const { load, flags } = parseLoad(['no-sweep']);
const sweep = !flags.has('no-sweep');
const demand = simulate(load);
console.log(`${JSON.stringify(load)}\n`);
console.log(`${table(['What', 'Value'], ratios(demand, load))}\n`);

const swept = sweep ? dials.map((dial) => ({ dial, steps: turnUp(load, dial) })) : [];
const bites = (limit: Limit) =>
  swept.map(({ dial, steps }) => {
    const amount = bitesAt(limit, steps);
    return amount === undefined ? '–' : dial.write(amount, load);
  });
console.log(
  table(
    ['Limit', 'Demand', 'Quota', 'Used', 'Raised', ...swept.map(({ dial }) => `bites at ${dial.name}`)],
    byUtilisation(demand, load).map(({ limit, utilisation }) => [
      limit.name + (limit.confirmed ? '' : ' *'),
      rounded(limit.demand(demand, load)),
      `${limit.quota.toLocaleString('en-US')} ${limit.unit}`,
      percent(utilisation),
      limit.adjustable,
      ...bites(limit),
    ]),
  ),
);
console.log('\n\\* quota from memory, not looked up');
