import fc from 'fast-check';
import { generate } from 'selfsigned';
import { describe, expect, it } from 'vitest';
import { parsePem } from './pem.ts';
import { notAfterMs } from './x509-validity.ts';

async function certificate(options: Parameters<typeof generate>[1]): Promise<Uint8Array> {
  const { cert } = await generate([{ name: 'commonName', value: 'agent' }], options);
  return parsePem(cert)?.[0]?.bytes ?? new Uint8Array();
}

describe('the end of a certificate', () => {
  it.each(['2030-01-02T03:04:05Z', '2049-12-31T23:59:59Z', '2050-01-01T00:00:00Z', '2199-06-30T12:00:00Z'])(
    'is read: %s',
    async (end) => {
      const notAfterDate = new Date(end);
      for (const keyType of ['ec', 'rsa'] as const)
        expect(notAfterMs(await certificate({ keyType, notAfterDate }))).toBe(notAfterDate.getTime());
    },
  );

  it('is read of a certificate of the first version, and of the last century', () => {
    const element = (tag: number, ...content: readonly (string | number[])[]) => {
      const bytes = content.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part)] : part));
      return [tag, bytes.length, ...bytes];
    };
    const validity = element(0x30, element(0x17, '900101000000Z'), element(0x17, '991231235959Z'));
    const body = element(0x30, element(2, [1]), element(0x30), element(0x30), validity);
    expect(notAfterMs(Uint8Array.from(element(0x30, body)))).toBe(Date.parse('1999-12-31T23:59:59Z'));
  });

  it('is not found in anything cut short, and nothing is read outside of it', async () => {
    const whole = await certificate({ keyType: 'ec' });
    for (let length = 0; length < whole.length; length++)
      expect(notAfterMs(whole.subarray(0, length))).toBeUndefined();
  });

  it('of any bytes is a time or nothing', async () => {
    const whole = await certificate({ keyType: 'ec' });
    const changed = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 4 })
      .map((changes) =>
        Uint8Array.from(whole).map((byte, at) => changes.findLast(([to]) => to === at)?.[1] ?? byte),
      );
    fc.assert(
      fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        const found = notAfterMs(bytes);
        expect(found === undefined || Number.isFinite(found)).toBe(true);
      }),
    );
  });
});
