import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { notAgentIds, refusedTargets } from '../../test/attacks/path-catalogue.ts';
import { isAgentId } from '../registry/agent.ts';
import { canonicalTarget, maxTargetChars } from './path.ts';

function ruleOf(target: string): string | undefined {
  const result = canonicalTarget(target);
  return result.ok ? undefined : (result.failure as { rule?: string }).rule;
}

describe('a request target', () => {
  it.each([
    ['/', '/', ''],
    ['/agents/agent', '/agents/agent', ''],
    ['/agents/agent/', '/agents/agent/', ''],
    ['/agents/agent/message:send', '/agents/agent/message:send', ''],
    ['/agents?', '/agents', ''],
    ['/agents?tag=a%26b&pageSize=2', '/agents', 'tag=a%26b&pageSize=2'],
    ['/agents?tag=%2e%2f%5c', '/agents', 'tag=%2e%2f%5c'],
    ['/agents/a/tasks/...', '/agents/a/tasks/...', ''],
    ['/agents/a/tasks/.t', '/agents/a/tasks/.t', ''],
    ['/agents/a/tasks/%C3%A4%20x', '/agents/a/tasks/%C3%A4%20x', ''],
    ['/agents/a/tasks/100%25', '/agents/a/tasks/100%25', ''],
    ["/agents/a/tasks/!$&'()*+,=:@~", "/agents/a/tasks/!$&'()*+,=:@~", ''],
  ])('in canonical form is taken as it stands: %s', (target, path, query) =>
    expect(canonicalTarget(target)).toEqual({ ok: true, value: { path, query } }),
  );

  for (const [rule, targets] of Object.entries(refusedTargets)) {
    it(`is refused by the rule ${rule}`, () => {
      expect(targets.map(ruleOf)).toEqual(targets.map(() => rule));
    });
  }

  it.each(['', '?a', 'agents/agent', '..', '\\agents', '%2fagents', 'gateway.test:443'])(
    'that does not begin with a slash has no origin form: %j',
    (target) => expect(ruleOf(target)).toBe('form'),
  );

  it('may be as long as the limit and no longer', () => {
    const longest = `/${'a'.repeat(maxTargetChars - 1)}`;
    expect([ruleOf(longest), ruleOf(`${longest}a`)]).toEqual([undefined, 'length']);
  });
});

/** Targets near the edge: mostly legal pieces, some that are attacks elsewhere. */
const pieces = fc.constantFrom(
  ...[
    '/',
    '.',
    '..',
    'a',
    'Z',
    '9',
    '-',
    '_',
    '~',
    ':',
    '@',
    '*',
    ';',
    '\\',
    '#',
    '?',
    '&',
    '=',
    ' ',
    '\n',
    '\u0000',
  ],
  ...[
    '%',
    '%2e',
    '%2F',
    '%5c',
    '%00',
    '%0A',
    '%7F',
    '%41',
    '%25',
    '%252f',
    '%20',
    '%3f',
    '%C3%A4',
    '%c0%ae',
    '%E2%80%AE',
  ],
  ...['agents', 'admin', 'ä', '／', '․', '\ud800'],
);
const targets = fc.array(pieces, { maxLength: 12 }).map((parts) => `/${parts.join('')}`);
const controls = Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code));

describe('whatever target passes', () => {
  it('decodes once to segments without separators, dot segments or controls', () => {
    fc.assert(
      fc.property(targets, (target) => {
        const result = canonicalTarget(target);
        if (!result.ok) return;
        for (const segment of result.value.path.split('/').map(decodeURIComponent)) {
          expect(['.', '..']).not.toContain(segment);
          for (const forbidden of ['/', '\\', '\u007f', ...controls])
            expect(segment).not.toContain(forbidden);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('decodes a second time to the same separators and dots', () => {
    fc.assert(
      fc.property(targets, (target) => {
        const result = canonicalTarget(target);
        if (!result.ok) return;
        const once = decodeURIComponent(result.value.path);
        expect(once.replaceAll(/%[0-9a-f]{2}/gi, 'decoded twice')).toBe(once);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is what the URL parser makes of it', () => {
    fc.assert(
      fc.property(targets, (target) => {
        const result = canonicalTarget(target);
        if (!result.ok) return;
        const { pathname, search } = new URL(`http://gateway.test${target}`);
        const { path, query } = result.value;
        expect([pathname, search]).toEqual([path, query === '' ? '' : `?${query.replaceAll("'", '%27')}`]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('passes again', () => {
    fc.assert(
      fc.property(targets, (target) => {
        const result = canonicalTarget(target);
        if (!result.ok) return;
        const { path, query } = result.value;
        expect(canonicalTarget(`${path}?${query}`)).toEqual(result);
      }),
    );
  });
});

describe('an agent id', () => {
  it.each(['a', '0', 'billing', 'hr-2', 'a--b', 'a'.repeat(63)])('may be %s', (text) =>
    expect(isAgentId(text)).toBe(true),
  );

  it.each([...notAgentIds, '', 'a b', 'a/b', 'agent\n', '\nagent', 'ägent', 'ＡＧＥＮＴ', 'аgent'])(
    'may not be %j',
    (text) => expect(isAgentId(text)).toBe(false),
  );
});
