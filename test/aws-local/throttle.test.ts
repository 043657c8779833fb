import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createThrottling } from '../../aws-local/api-gateway/throttle.ts';

const all = { httpMethod: '*', resourcePath: '/*' };

it('a bucket holds its burst and fills at its rate', () => {
  let nowMs = 0;
  const mayPass = createThrottling([{ ...all, rateLimit: 2, burstLimit: 3 }], () => nowMs);
  const pass = () => mayPass('GET', '/a');
  expect([pass(), pass(), pass(), pass()]).toEqual([true, true, true, false]);
  nowMs = 500;
  expect([pass(), pass()]).toEqual([true, false]);
});

it('never admits more than burst and rate allow', () => {
  const setting = fc.record({
    rateLimit: fc.integer({ min: 1, max: 9 }),
    burstLimit: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(setting, fc.array(fc.nat(400), { minLength: 1, maxLength: 60 }), (limits, gapsMs) => {
      let nowMs = 0;
      const mayPass = createThrottling([{ ...all, ...limits }], () => nowMs);
      let admitted = 0;
      for (const gapMs of gapsMs) {
        nowMs += gapMs;
        if (mayPass('GET', '/')) admitted += 1;
      }
      expect(admitted).toBeLessThanOrEqual(limits.burstLimit + (nowMs / 1000) * limits.rateLimit + 1e-6);
    }),
  );
});

it('the most specific setting counts, and without one everything passes', () => {
  const own = { httpMethod: 'POST', resourcePath: '/a', rateLimit: 1, burstLimit: 1 };
  const mayPass = createThrottling([{ ...all, rateLimit: 1, burstLimit: 5 }, own], () => 0);
  expect([mayPass('POST', '/a'), mayPass('POST', '/a'), mayPass('GET', '/a')]).toEqual([true, false, true]);
  expect(createThrottling([own], () => 0)('GET', '/b')).toBe(true);
});
