import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePem } from './pem.ts';

function blockOf(label: string, bytes: Uint8Array, newline = '\n'): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join(newline);
}

describe('a text of PEM', () => {
  it('is read as it was written, whatever the blocks and the line ends', () => {
    const blocks = fc.array(
      fc.record({
        label: fc.constantFrom('CERTIFICATE', 'PRIVATE KEY', 'EC PRIVATE KEY'),
        bytes: fc.uint8Array({ maxLength: 300 }),
      }),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(blocks, fc.constantFrom('\n', '\r\n'), (given, newline) => {
        const text = given.map(({ label, bytes }) => blockOf(label, bytes, newline)).join(newline);
        expect(parsePem(text)).toEqual(
          given.map(({ label, bytes }) => ({ label, bytes: Uint8Array.from(bytes) })),
        );
      }),
    );
  });

  const good = blockOf('CERTIFICATE', Uint8Array.of(1, 2, 3));
  const key = 'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49';

  it.each([
    ['a key in front that has lost its label', `${key}\n${good}`],
    ['a key behind that has lost its end', `${good}-----BEGIN PRIVATE KEY-----\n${key}`],
    ['words between two blocks', `${good}Bag Attributes\n${good}`],
    ['a block that ends as another', good.replace('END CERTIFICATE', 'END PRIVATE KEY')],
    [
      'headers of an encrypted key',
      `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n${key}\n-----END RSA PRIVATE KEY-----`,
    ],
    ['base64 that is none', '-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----'],
    ['one line', good.replaceAll('\n', '')],
    ['no block', 'no PEM'],
  ])('with %s is refused whole', (_, text) => {
    expect(parsePem(text)).toBeUndefined();
  });

  it('of the largest size that leads nowhere is refused at once', () => {
    for (const filling of [' ', 'A', '=', '-'])
      expect(parsePem(`-----BEGIN CERTIFICATE-----\n${filling.repeat(32_000)}`)).toBeUndefined();
  });
});
