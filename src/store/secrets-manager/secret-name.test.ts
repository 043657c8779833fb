import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromAwsName, toAwsName } from './secret-name.ts';

const name = fc.string({ unit: 'grapheme', maxLength: 25 });
const prefix = fc.constantFrom('', 'a2a-gateway/prod/', 'p=41/');

it('gives the name back, in characters that AWS takes', () => {
  fc.assert(
    fc.property(prefix, name, (before, given) => {
      const awsName = toAwsName(before, given);
      expect(awsName).toMatch(/^[A-Za-z0-9/_+=.@-]*$/);
      expect(fromAwsName(before, awsName)).toBe(given);
    }),
    {
      examples: [
        ['', '=41'],
        ['', 'a%41'],
        ['', '\0:*'],
        ['p=41/', '='],
      ],
    },
  );
});

it('never makes one name of two, and keeps what they begin with', () => {
  fc.assert(
    fc.property(name, name, (one, other) => {
      expect(toAwsName('', one) === toAwsName('', other)).toBe(one === other);
      expect(toAwsName('', one + other).startsWith(toAwsName('', one))).toBe(true);
      if (toAwsName('', other).startsWith(toAwsName('', one))) expect(other.startsWith(one)).toBe(true);
    }),
    {
      examples: [
        ['=41', 'A'],
        ['é', 'e\u0301'],
        ['é', 'ê'],
      ],
    },
  );
});

it('leaves the names the gateway makes as they are', () => {
  expect(toAwsName('a2a-gateway/prod/', 'agents/hr-1/0b7f')).toBe('a2a-gateway/prod/agents/hr-1/0b7f');
});

it('takes no text for a name that it would not have made', () => {
  for (const text of ['p/=61', 'p/=c3=bc', 'p/=', 'p/=4', 'p/=ZZ', 'p/=C3', 'p/%41', 'q/a', 'p/a b']) {
    expect(fromAwsName('p/', text)).toBeUndefined();
  }
});

it('refuses a name that AWS cannot hold', () => {
  for (const given of ['\ud800', 'a'.repeat(513), 'é'.repeat(90)]) {
    expect(() => toAwsName('', given)).toThrow(TypeError);
  }
});
