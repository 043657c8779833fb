import {
  type CostLine,
  costOf,
  fleetFor,
  fleetHourQuantities,
  monthlyQuantities,
  privateStanding,
  type Quantities,
  regionalStanding,
  type SendShape,
  sendDefaults,
  sendQuantities,
  streamHourQuantities,
  totalOf,
} from './cost-model.ts';
import { measured } from './measured.ts';
import { hoursPerMonth, lookedUpOn, prices, pricesTable } from './prices.ts';
import { notificationDefaults, notificationQuantities } from './push-cost.ts';
import { indexingDefaults, indexingQuantities, searchDefaults, searchQuantities } from './search-cost.ts';
import type { Load } from './simulation/load.ts';
import { parseLoad } from './simulation/options.ts';
import { simulate } from './simulation/run.ts';

/**
 * What the AWS stack costs: a million sends, an hour of a stream, a month at rest, and from how many streams on
 * containers are cheaper.
 *
 *     node --import tsx bench/aws/cost.ts [--agents 10000 --callers 100000 --agent-seconds 1 …]
 *
 * The options are those of `simulate.ts`.
 */

const { load: base } = parseLoad();
const profiles: readonly { name: string; load: Load }[] = [
  { name: 'small: 100 agents, 1,000 callers', load: { ...base, agents: 100, callers: 1_000 } },
  {
    name: `large: ${base.agents.toLocaleString('en-US')} agents, ${base.callers.toLocaleString('en-US')} callers`,
    load: base,
  },
];

const stream = { seconds: base.streamSeconds, bytesPerSecond: 1_000 };

/** Reads, secrets and authorizations of a send, as the simulation finds them: enough calls for a small load, too. */
function shapeOf(load: Load): SendShape {
  const demand = simulate({ ...load, listsPerCallerHour: 0, streams: 0, countedSeconds: 7_200 });
  return {
    ...sendDefaults,
    agentSeconds: load.agentSeconds,
    traced: tracedShare((load.callers * load.sendsPerCallerHour) / 3_600),
    authorizerCalls: demand.authorizerCallsPerRequest,
    readUnits: demand.unitsPerRequest,
    secretCalls: demand.secretCallsPerRequest,
  };
}

/** X-Ray's own rule: the first request of a second, and one of twenty beyond. */
function tracedShare(requestsPerSecond: number): number {
  return requestsPerSecond <= 1 ? 1 : (1 + 0.05 * (requestsPerSecond - 1)) / requestsPerSecond;
}

function usd(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 0.1 ? value.toFixed(2) : value.toPrecision(2);
}

function print(title: string, lines: readonly CostLine[], times = 1): void {
  const total = totalOf(lines) * times;
  console.log(`\n### ${title}: $${usd(total)}\n\n| What | Quantity | $ | Share |\n| --- | --- | --- | --- |`);
  for (const { name, quantity, usd: cost } of lines) {
    const mark = prices[name].confirmed ? '' : ' *';
    const share = ((cost * times * 100) / total).toFixed(0);
    console.log(
      `| ${prices[name].unit}${mark} | ${Number((quantity * times).toPrecision(3)).toLocaleString('en-US')} | ${usd(cost * times)} | ${share} % |`,
    );
  }
}

/** From how many streams, open on average, a fleet costs less than Lambda does. */
function breakEven(streamHour: Quantities): number {
  const lambda = totalOf(costOf(streamHour));
  for (let streams = 1; ; streams++) {
    if (totalOf(costOf(fleetHourQuantities(fleetFor(streams)))) <= streams * lambda) return streams;
  }
}

/** Sends a month from which a fleet for them costs less: it saves API Gateway and Lambda, and nothing else. */
function breakEvenSends(send: Quantities): number {
  const { apiGatewayRequest = 0, lambdaRequest = 0, lambdaGbSecond = 0 } = send;
  const saved = totalOf(costOf({ apiGatewayRequest, lambdaRequest, lambdaGbSecond }));
  return (totalOf(costOf(fleetHourQuantities(fleetFor(0)))) * hoursPerMonth) / saved;
}

console.log(
  `Prices of us-east-1, looked up on ${lookedUpOn}; * from memory. Durations: ${measured.measuredOn ?? 'assumed'}.`,
);
for (const { name, load } of profiles) {
  const shape = shapeOf(load);
  print(`A million sends, ${name}`, costOf(sendQuantities(shape, measured)), 1e6);
  console.log(`\nIn private mode: $${usd(totalOf(costOf(sendQuantities(shape, measured, true))) * 1e6)}`);
  for (const agentSeconds of [0, 1, 5, 30]) {
    const total = totalOf(costOf(sendQuantities({ ...shape, agentSeconds }, measured))) * 1e6;
    console.log(`- an agent that takes ${agentSeconds} s: $${usd(total)}`);
  }
}

const shape = shapeOf(base);
const streamHour = streamHourQuantities(stream, shape, measured);
print('A stream-hour on Lambda, in streams of 120 s', costOf(streamHour));
const longHour = streamHourQuantities({ ...stream, seconds: 900 }, shape, measured);
console.log(
  `\nIn streams of 900 s: $${usd(totalOf(costOf(longHour)))}. Containers cost less from ${breakEven(streamHour)} open ` +
    `streams on, or from ${(breakEvenSends(sendQuantities(shape, measured)) / 1e6).toFixed(1)} million sends a month.`,
);

console.log(
  '\n| Open streams, all the time | Lambda, $ a month | Containers, $ a month | Tasks |\n| --- | --- | --- | --- |',
);
for (const streams of [1, 3, 10, 100, 1_000, 10_000]) {
  const fleet = fleetFor(streams);
  const lambda = totalOf(costOf(streamHour)) * streams * hoursPerMonth;
  const containers = totalOf(costOf(fleetHourQuantities(fleet))) * hoursPerMonth;
  console.log(
    `| ${streams.toLocaleString('en-US')} | ${usd(lambda)} | ${usd(containers)} | ${fleet.tasks} |`,
  );
}

const wide = { ...searchDefaults, agents: base.agents, permitted: base.agents };
print(
  `A million searches among ${base.agents.toLocaleString('en-US')} agents`,
  costOf(searchQuantities(wide, shape)),
  1e6,
);
for (const permitted of [100, 300]) {
  const total = totalOf(costOf(searchQuantities({ ...wide, permitted }, shape))) * 1e6;
  console.log(`- by callers who may call ${permitted} of them: $${usd(total)}`);
}
console.log(
  `- by processes that remember which set serves: $${usd(totalOf(costOf(searchQuantities({ ...wide, asksForSet: 0 }, shape))) * 1e6)}`,
);
const filling = { ...indexingDefaults, agents: base.agents };
print(`${base.agents.toLocaleString('en-US')} changes of agents`, costOf(indexingQuantities(filling)));
print(
  `A fill with ${base.agents.toLocaleString('en-US')} agents`,
  costOf(indexingQuantities({ ...filling, batch: 100 })),
);

print('A million notifications', costOf(notificationQuantities(notificationDefaults)), 1e6);
const together = totalOf(costOf(notificationQuantities({ ...notificationDefaults, batch: 10 }))) * 1e6;
console.log(`- delivered ten in a run: $${usd(together)}`);

print('A month at rest, regional', costOf(monthlyQuantities(regionalStanding)));
print('A month at rest, private', costOf(monthlyQuantities(privateStanding)));

console.log(`\n### Prices\n\n${pricesTable()}`);
