import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConnectionOptions } from '../ports.ts';
import { PerConnection } from './per-connection.ts';

/** Few values, so that equal options are common and options that nearly are more so. */
const text = fc.constantFrom('', 'a', 'b', '"a"', 'a,b', 'null');
const options: fc.Arbitrary<ConnectionOptions> = fc.record(
  {
    connectTimeoutMs: fc.constantFrom(1, 2),
    caCertificates: text,
    clientCertificate: fc.record({ certificate: text, privateKey: text }),
  },
  { requiredKeys: [] },
);

describe('what is made per connection', () => {
  it('is shared by equal options and by no others', () => {
    fc.assert(
      fc.property(options, options, (one, other) => {
        const made = new PerConnection<ConnectionOptions>((connection) => ({ ...connection }));
        const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
        expect(made.of(one) === made.of(other)).toBe(same);
        expect(made.of(one)).toEqual(one);
      }),
    );
  });

  it('is the usual one where nothing differs, whatever comes between', () => {
    const made = new PerConnection((connection) => ({ connection }), undefined, 1);
    const usual = made.of(undefined);
    made.of({ caCertificates: 'a' });
    made.of({ caCertificates: 'b' });
    expect(made.of({})).toBe(usual);
    expect(made.of(undefined)).toBe(usual);
  });

  it('is never more than allowed, and what leaves is told once', () => {
    fc.assert(
      fc.property(fc.array(options, { maxLength: 50 }), fc.integer({ min: 1, max: 5 }), (asked, max) => {
        let count = 0;
        const left: number[] = [];
        const made = new PerConnection(
          () => count++,
          (gone) => left.push(gone),
          max,
        );
        for (const connection of asked) made.of(connection);
        const here = made.all();
        expect(here.length).toBeLessThanOrEqual(max + 1);
        expect([...here, ...left].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
      }),
    );
  });

  it('leaves in the order of last use', () => {
    const left: unknown[] = [];
    const made = new PerConnection(
      ({ caCertificates }) => caCertificates,
      (gone) => left.push(gone),
      2,
    );
    for (const caCertificates of ['a', 'b', 'a', 'c', 'd']) made.of({ caCertificates });
    expect(left).toEqual(['b', 'a']);
  });

  it('is not kept where it cannot be made', () => {
    const made = new PerConnection(({ caCertificates }) => {
      if (caCertificates !== undefined) throw new Error('bad');
      return 'usual';
    });
    expect(() => made.of({ caCertificates: 'a' })).toThrow('bad');
    expect(made.all()).toEqual(['usual']);
  });
});

function sorted({ connectTimeoutMs, caCertificates, clientCertificate }: ConnectionOptions): unknown[] {
  return [connectTimeoutMs, caCertificates, clientCertificate?.certificate, clientCertificate?.privateKey];
}
