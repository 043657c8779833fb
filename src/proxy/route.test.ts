import { describe, expect, it } from 'vitest';
import { Instance, type InstanceDeps } from './instance.ts';
import { circuitOpen, nextInstance, urlAt } from './route.ts';

const random = () => 0;
const deps: InstanceDeps = {
  breaker: {
    ...{ consecutiveFailures: 1, failureRatio: 1, minimumCalls: 1 },
    ...{ windowMs: 1_000, openMs: 5_000, maxOpenMs: 60_000 },
  },
  clock: { nowMs: () => 0 },
  random,
  changed() {},
};

function instances(...names: string[]): [Instance, Instance, Instance] {
  const [a, b, c] = names.map((name) => new Instance({ origin: `https://${name}.example`, weight: 1 }, deps));
  if (a === undefined || b === undefined || c === undefined) throw new TypeError('three are needed');
  return [a, b, c];
}

function open(instance: Instance, atMs: number): void {
  instance.breaker.report(instance.breaker.enter(atMs), 'failure', atMs);
}

describe('the next instance', () => {
  const at = { nowMs: 1_000, random };

  it('is the preferred one while it is let through', () => {
    const [a, b, c] = instances('a', 'b', 'c');
    expect(nextInstance({ instances: [a, b, c], preferred: b }, [], at)).toBe(b);
    open(b, 1_000);
    expect(nextInstance({ instances: [a, b, c], preferred: b }, [], at)).toBe(a);
  });

  it('is one that was not tried, while there is one', () => {
    const [a, b, c] = instances('a', 'b', 'c');
    expect(nextInstance({ instances: [a, b, c], preferred: a }, [a], at)).toBe(b);
    open(b, 1_000);
    open(c, 1_000);
    expect(nextInstance({ instances: [a, b, c] }, [a], at)).toBe(a);
  });

  it('is none where all are left alone; the first to be tried again says when', () => {
    const [a, b, c] = instances('a', 'b', 'c');
    open(a, 1_000);
    open(b, 0);
    open(c, 900);
    const route = { instances: [a, b, c] };
    expect(nextInstance(route, [], at)).toBeUndefined();
    expect(circuitOpen(route, 1_000).failure).toEqual({ code: 'agent_circuit_open', retryAfterSeconds: 4 });
  });
});

describe("an interface's URL at an instance", () => {
  it.each([
    ['https://a.example/rpc?x=1', 'https://b.example/rpc?x=1'],
    ['https://b.example/rpc', 'https://b.example/rpc'],
    ['https://a.example', 'https://b.example/'],
    [
      'grpc://a.example:50051/lf.a2a.v1.A2AService/GetTask',
      'https://b.example:50051/lf.a2a.v1.A2AService/GetTask',
    ],
  ])('%s is %s', (url, expected) => {
    const [, b] = instances('a', 'b', 'c');
    expect(urlAt(b, new URL(url)).href).toBe(expected);
  });

  it.each(['//evil.example/rpc', '//evil.example:1/..//rpc', '/\\evil.example', '/@evil.example'])(
    'never leaves its origin: %s',
    (path) => {
      const [, b] = instances('a', 'b', 'c');
      expect(urlAt(b, new URL(`https://a.example${path}`)).origin).toBe('https://b.example');
    },
  );
});
