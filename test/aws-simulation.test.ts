import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  costOf,
  fleetFor,
  fleetHourQuantities,
  monthlyQuantities,
  privateStanding,
  regionalStanding,
  sendDefaults,
  sendQuantities,
  streamHourQuantities,
  totalOf,
} from '../bench/aws/cost-model.ts';
import { onLambda } from '../bench/aws/measured.ts';
import { prices, pricesTable } from '../bench/aws/prices.ts';
import { EventQueue } from '../bench/aws/simulation/event-queue.ts';
import { InstanceCache } from '../bench/aws/simulation/instance-cache.ts';
import { InstancePool } from '../bench/aws/simulation/instance-pool.ts';
import { limits } from '../bench/aws/simulation/limits.ts';
import { defaultLoad, type Load } from '../bench/aws/simulation/load.ts';
import { KeyMeter, Meter } from '../bench/aws/simulation/meter.ts';
import { createPopulation, patternOf } from '../bench/aws/simulation/population.ts';
import { createRandom, createZipf } from '../bench/aws/simulation/random.ts';
import { simulate } from '../bench/aws/simulation/run.ts';
import { bitesAt, byUtilisation, type Step } from '../bench/aws/simulation/sweep.ts';

/** One caller who sends once a second to one agent of 8 KB, with one scope, and nothing remembered anywhere. */
const plain: Load = {
  ...defaultLoad,
  agents: 1,
  callers: 1,
  streams: 0,
  scopes: 1,
  scopesPerCaller: 1,
  sendsPerCallerHour: 3_600,
  listsPerCallerHour: 0,
  agentSeconds: 0,
  documentLeastKb: 8,
  documentMostKb: 8,
  oauthShare: 1,
  backendTokenSeconds: 60,
  authorizerCacheSeconds: 0,
  storeCacheSeconds: 0,
  countedSeconds: 7_200,
};

const small: Load = { ...defaultLoad, agents: 200, callers: 2_000, streams: 50, countedSeconds: 60 };

describe('the simulation of the AWS stack', () => {
  it('says the same for the same seed, and something else for another', () => {
    expect(simulate(small)).toEqual(simulate({ ...small }));
    expect(simulate({ ...small, seed: 2 })).not.toEqual(simulate(small));
  });

  it('agrees with a load that can be worked out by hand', () => {
    const demand = simulate(plain);
    expect(demand.requests).toBeGreaterThan(3_400);
    expect(demand.requests).toBeLessThan(3_800);
    // Once by the authorizer and once by the core the permission; 8 KB of agent are two units; every token is too old.
    expect(demand).toMatchObject({
      authorizerCallsPerRequest: 1,
      unitsPerRequest: 4,
      secretCallsPerRequest: 1,
    });
    expect(simulate({ ...plain, oauthShare: 0 })).toMatchObject({ secretCallsPerRequest: 0 });
  });

  it('reads nothing that everyone remembers', () => {
    const load: Load = {
      ...plain,
      authorizerCacheSeconds: 1e9,
      storeCacheSeconds: 1e9,
      backendTokenSeconds: 1e9,
      callerTokenSeconds: 1e9,
      // Calls that never overlap need one instance, which has seen it all.
      dataPlaneMs: 0,
      dataPlaneColdMs: 0,
    };
    expect(simulate(load)).toMatchObject({
      authorizerCallsPerRequest: 0,
      unitsPerRequest: 0,
      secretCallsPerRequest: 0,
      agentHitShare: 1,
    });
  });

  it('halves the authorizations when a token is remembered as long as its caller waits', () => {
    const { authorizerCallsPerRequest } = simulate({ ...plain, authorizerCacheSeconds: 1 });
    expect(authorizerCallsPerRequest).toBeGreaterThan(0.46);
    expect(authorizerCallsPerRequest).toBeLessThan(0.54);
  });

  it('needs the environments that arrivals and their length make (Little)', () => {
    const { concurrency } = simulate({ ...plain, callers: 10, agentSeconds: 2 });
    expect(concurrency).toBeGreaterThan(20);
    expect(concurrency).toBeLessThan(60);
  });

  it('lists all entries of the index, and the documents of a page', () => {
    // 1 024 entries of 200 bytes are 50 units, a page of 50 documents of 8 KB 100, and the permission one.
    const scope = Array.from({ length: 50 }, (_, index) => index).find((index) => patternOf(index) === 'all');
    expect(scope).toBe(21);
    const people = createPopulation({ ...plain, agents: 1_024, scopes: 50 });
    expect([people.indexUnits, people.pageUnits([21, 71])]).toEqual([50, 100]);
  });

  // Of seeds that are known: by others, once in some dozens, chance makes the peak of what is rare higher where there is less.
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('asks no less where there is more of everything: seed %i', (seed) => {
    const of = (factor: number): Load => ({
      ...small,
      seed,
      callers: 1_000 * factor,
      streams: 50 * factor,
      agents: 500 * factor,
      listsPerCallerHour: 60,
    });
    const [load, fourfold] = [of(1), of(4)];
    const [less, more] = [simulate(load), simulate(fourfold)];
    // The busiest tag, agent and permission and the largest burst are single draws, and tell nothing at this size.
    for (const { demand, name } of limits.filter((limit) => !/busiest|burst/i.test(limit.name)))
      expect(demand(more, fourfold), name).toBeGreaterThanOrEqual(demand(less, load));
  });

  it('reads less the more is remembered', () => {
    const reads = [0, 2, 60].map(
      (storeCacheSeconds) => simulate({ ...small, storeCacheSeconds }).unitsPerRequest,
    );
    expect(reads).toEqual([...reads].sort((one, other) => other - one));
  });

  it('needs new environments after a deployment only', () => {
    const demand = simulate({ ...small, warmSeconds: 120 });
    expect(demand.newEnvironmentsPer10s).toBeLessThan(demand.newEnvironmentsPer10sAfterDeploy);
  });
});

describe('where a limit bites', () => {
  const limit = { ...limits[0], quota: 200, demand: (demand: { requests: number }) => demand.requests };
  const steps = [1, 2, 4].map((amount) => ({ amount, demand: { requests: amount ** 2 * 25 } })) as Step[];

  it('lies between the last load within it and the first beyond', () => {
    // 25, 100, 400: a square, so 200 is at the root of two times two.
    expect(bitesAt(limit as never, steps)).toBeCloseTo(2 * Math.SQRT2, 6);
  });

  it('is nowhere when no load, or every load, is beyond', () => {
    expect(bitesAt({ ...limit, quota: 401 } as never, steps)).toBeUndefined();
    expect(bitesAt({ ...limit, quota: 25 } as never, steps)).toBeUndefined();
  });

  it('is documented for every limit', () => {
    const text = readFileSync(join(import.meta.dirname, '../docs/aws-limits.md'), 'utf8');
    for (const { name, quota } of limits) {
      expect(text).toContain(`| ${name}`);
      expect(text).toContain(quota.toLocaleString('en-US'));
    }
  });

  it('puts the fullest limit first', () => {
    const order = byUtilisation(simulate(small), small).map(({ utilisation }) => utilisation);
    expect(order).toEqual([...order].sort((one, other) => other - one));
    expect(order).toHaveLength(limits.length);
  });
});

describe('the parts of the simulation', () => {
  it('hands events out in the order of their times', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { maxLength: 3_000 }), (times) => {
        const queue = new EventQueue();
        for (const [event, time] of times.entries()) queue.push(time, event);
        const popped = times.map(() => times[queue.pop()]);
        expect(popped).toEqual([...times].sort((one, other) => one - other));
        expect(queue.nextTime).toBe(Number.POSITIVE_INFINITY);
      }),
      { numRuns: 20 },
    );
  });

  it('draws ranks as often as their share says', () => {
    const zipf = createZipf(100, 0.9);
    const random = createRandom(7);
    const drawn = Array.from({ length: 100_000 }, () => zipf.draw(random));
    for (const rank of [0, 1, 10, 99]) {
      const share = drawn.filter((each) => each === rank).length / drawn.length;
      expect(Math.abs(share - zipf.share(rank))).toBeLessThan(0.005);
    }
    expect(zipf.share(0) / zipf.share(1)).toBeCloseTo(2 ** 0.9, 6);
  });

  it('gives an instance to one invocation at a time, and replaces all with a deployment', () => {
    const pool = new InstancePool(createRandom(1));
    const [first, second] = [pool.take(), pool.take()];
    expect([first, second]).toEqual([
      { instance: 0, isNew: true },
      { instance: 1, isNew: true },
    ]);
    pool.release(0);
    expect(pool.take()).toEqual({ instance: 0, isNew: false });
    pool.deploy();
    pool.release(1);
    expect(pool.take()).toEqual({ instance: 2, isNew: true });
    expect(pool.busy).toBe(2);
  });

  it('forgets what is older than its time, instance by instance', () => {
    const cache = new InstanceCache(2);
    expect([cache.has(1, 5, 0), cache.has(1, 5, 1.9), cache.has(2, 5, 1.9)]).toEqual([false, true, false]);
    expect([cache.has(1, 5, 2), cache.has(2, 5, 3.8), cache.has(2, 5, 100)]).toEqual([false, true, false]);
  });

  it('remembers the busiest stretch', () => {
    const meter = new Meter(10);
    for (const [now, amount] of [
      [1, 5],
      [9, 6],
      [11, 3],
    ] as const)
      meter.add(now, amount);
    expect([meter.peak, meter.total]).toEqual([1.1, 14]);
    const keys = new KeyMeter(1);
    keys.add(0, 7, 2);
    keys.add(0.5, 8, 1);
    keys.add(0.6, 8, 2);
    expect([keys.peak, keys.busiestKey]).toEqual([3, 8]);
  });
});

describe('the cost of the AWS stack', () => {
  const measured = {
    // Two whole cores, and no waiting for one.
    authorizer: { memoryMb: 2_048, warmMs: 10, coldMs: 0 },
    dataPlane: { memoryMb: 2_048, warmMs: 90, coldMs: 0 },
  };
  const send = {
    ...sendDefaults,
    authorizerCalls: 1,
    readUnits: 4,
    secretCalls: 0.5,
    agentSeconds: 0.9,
    traced: 0.1,
    logBytes: 2_000,
    platformLogBytes: 500,
    requestBytes: 0,
    responseBytes: 10_000,
  };

  it('agrees with a send that is added up by hand', () => {
    const perMillion = totalOf(costOf(sendQuantities(send, measured))) * 1e6;
    const lambda = 2 * 13.3334 + 2 * 0.2;
    const aroundIt =
      3.5 +
      0.6 +
      4 * 0.125 +
      (2 * 0.125 + 6 * 0.625) +
      (2 * (1 + 1) * 0.125 + 2 * (1.2 + 1) * 0.625) +
      0.5 * 5 +
      0.5 * 3 +
      3 * (0.5 + 0.03) +
      10 * 0.09 +
      0.1 * 5;
    expect(perMillion).toBeCloseTo(lambda + aroundIt, 6);
  });

  it('takes a function with part of a core for slower', () => {
    expect([onLambda({ memoryMb: 884.5 }, 10), onLambda({ memoryMb: 3_000 }, 10)]).toEqual([20, 10]);
  });

  it('counts a stream once for every 10 MB begun, and its bytes beyond 6 MB', () => {
    const quantities = streamHourQuantities({ seconds: 900, bytesPerSecond: 25e6 / 900 }, send, measured);
    expect(quantities.apiGatewayRequest).toBe(12);
    expect(quantities.lambdaStreamedGb).toBeCloseTo((4 * 19e6) / 1e9, 9);
    expect(quantities.lambdaGbSecond).toBeCloseTo(2 * (3_600 + 4 * 0.1), 6);
  });

  it('adds gateways and endpoints in private mode, by the hour', () => {
    const month = (standing: typeof regionalStanding) => totalOf(costOf(monthlyQuantities(standing)));
    const gateways = 730 * (0.045 + 2 * 2 * 0.01);
    const firewall = 5 + 3 * 1;
    expect(month(privateStanding) - month(regionalStanding)).toBeCloseTo(gateways - firewall, 6);
  });

  it('lets a fleet cost the same for one stream and for thousands', () => {
    const hour = (streams: number) => totalOf(costOf(fleetHourQuantities(fleetFor(streams))));
    expect(hour(1)).toBeCloseTo(2 * (0.03238 + 2 * 0.00356) + 0.0225 + 0.008, 9);
    expect(hour(3_000)).toBe(hour(1));
    expect(fleetFor(10_001).tasks).toBe(3);
  });

  it('is documented with every price', () => {
    const text = readFileSync(join(import.meta.dirname, '../docs/aws-cost.md'), 'utf8');
    for (const line of pricesTable().split('\n')) expect(text).toContain(line);
  });

  it('names a page of AWS for every price', () => {
    for (const price of Object.values(prices)) expect(price.source).toMatch(/^https:\/\/aws\.amazon\.com\//);
  });
});
