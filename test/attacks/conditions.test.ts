import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createConditions } from '../../src/access/cedar/conditions.ts';
import { loadCedar } from '../../src/access/cedar/load-cedar.ts';
import type { Principal } from '../../src/access/principal.ts';

/** Conditions that are more than a condition, and callers whose tokens say what they like. */

const mallory: Principal = {
  issuer: 'https://issuer.test',
  subject: 'mallory',
  scopes: [],
  groups: [],
  grantees: [],
  expiresAtSeconds: 4_000_000_000,
};
const agent = { agentId: 'trips', tags: [], owner: { issuer: 'https://issuer.test', subject: 'olga' } };
const events: string[] = [];
const conditions = createConditions({
  load: loadCedar,
  log: { write: (_level, event) => events.push(event) },
});
/** Holds for nobody here; what stands beside it is the attack. */
const no = 'principal.subject == "alice"';

function holds(condition: string, principal: Partial<Principal> = {}): boolean {
  return conditions.holds({ scope: 's', condition }, { ...mallory, ...principal }, 'send', agent);
}

describe('a condition that breaks out of its clause', () => {
  it.each([
    ['ends the policy and permits all', `${no} }; permit(principal, action, resource); //`],
    [
      'ends the policy and begins one that our brace ends',
      `${no} };\npermit(principal, action, resource) when { true`,
    ],
    ['begins a second clause', `${no} } when { true`],
    ['excuses itself by unless', 'true } unless { false'],
    ['forbids', 'true };\nforbid(principal, action, resource) when { true'],
    ['is annotated on the way', `${no} }; @id("x") permit(principal, action, resource) when { true`],
    ['closes nothing and opens', '} || true || {'],
    ['ends its comment by a carriage return', `${no} // \r}; permit(principal, action, resource);`],
    ['ends its comment by a line separator', `${no} // \u2028 || true`],
    ['hides by direction', `${no} // \u202e || eurt \u202c`],
    ['holds a zero byte', `${no}\0 || true`],
    ['looks like a brace', `${no} \uff5d\uff1b permit(principal, action, resource)\uff1b //`],
    ['leaves a string open', '"'],
    ['leaves a comment open', 'true /*'],
    ['is a template', 'principal == ?principal'],
    ['is two expressions', 'true true'],
    ['is JSON', '{"Value": true}'],
    ['is half a character', 'principal.subject != "\ud800"'],
  ])('%s', (_, condition) => {
    expect(conditions.problemWith(condition)).toEqual(expect.any(String));
    expect(holds(condition)).toBe(false);
  });

  it('never holds by what is written around one that does not', () => {
    // No operators: only a break-out could make one of these true. A comment may stand behind, where it ends the line.
    const words = [
      '}',
      '{',
      ';',
      '"',
      '\\',
      '\n',
      'when',
      'unless',
      'true',
      '@a("b")',
      '(',
      ')',
      '};',
      '} when {',
    ];
    const pieces = [...words, 'permit(principal, action, resource)'];
    const before = fc.array(fc.constantFrom(...pieces), { maxLength: 8 });
    const after = fc.array(fc.constantFrom(...pieces, '//'), { maxLength: 8 });
    fc.assert(
      fc.property(before, after, (head, tail) => {
        expect(holds([...head, no, ...tail].join(' '))).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a condition that is a bomb', () => {
  const deep = (count: number, open: string, close: string, core = 'true') =>
    open.repeat(count) + core + close.repeat(count);

  it.each([
    ['brackets', deep(2_000, '(', ')')],
    ['brackets behind a string of their ends', `"${')'.repeat(500)}" == "" || ${deep(500, '(', ')')}`],
    ['brackets behind a comment', `// "\n${deep(500, '(', ')')} // "`],
    ['sets', `${deep(2_000, '[', ']', '')} == []`],
    ['records', `${deep(600, '{"a":', '}', '1')} == {}`],
    ['negations', deep(1_300, '!(', ')')],
    ['alternatives', deep(200, 'if ', ' then true else true')],
    ['a chain of and', `true${'&&true'.repeat(680)}`],
    ['a chain of or', `true${'||true'.repeat(680)}`],
    ['a sum', `1${'+1'.repeat(2_000)} == 2`],
    ['alternatives that are read', deep(100, 'if ', ' then true else true')],
    ['a chain that is read', `true${'||true'.repeat(120)}`],
    ['a sum that is read', `1${'+1'.repeat(120)} == 121`],
    ['attributes', `principal${'.a'.repeat(2_000)} == 2`],
    ['subscripts', `principal${'["a"]'.repeat(800)} == 2`],
    ['a long text', `principal.subject == "${'a'.repeat(4_096)}"`],
  ])('of %s', (_, condition) => {
    expect(conditions.problemWith(condition)).toMatch(/^(?:longer|more) than \d/);
    expect(holds(condition)).toBe(false);
  });

  it('has not trapped Cedar by any of these', () => {
    expect(events).not.toContain('cedar_trapped');
    expect(holds('principal.subject == "mallory"')).toBe(true);
  });

  it('within the bounds is judged, at their edge', () => {
    const stars = '*a'.repeat(2_000);
    for (const condition of [
      deep(16, '(', ')'),
      `true${'&&true'.repeat(31)}`,
      `${deep(15, '!(', ')')}${' || true'.repeat(16)}`,
      deep(31, 'if ', ' then true else true'),
      `1${'+1'.repeat(30)} == 31`,
      deep(16, '[true].contains(', ')'),
      `["${Array.from({ length: 600 }, (_, number) => number).join('","')}"].contains("7")`,
      `principal.subject like "${stars}"`,
    ]) {
      expect(conditions.problemWith(condition)).toBeUndefined();
      expect(holds(condition, { subject: 'a'.repeat(4_000) })).toBe(true);
    }
    // Often enough for V8 to optimize it: optimized code takes more of the stack.
    const often = deep(28, 'if ', ' then true else true', 'principal.subject like "a*"');
    for (let number = 0; number < 300; number++) expect(holds(often, { subject: `a${number}` })).toBe(true);
    expect(events).not.toContain('cedar_trapped');
  });
});

describe('a caller who speaks Cedar', () => {
  it.each([
    ['a subject that ends a string', { subject: 'x" || true || "' }],
    ['a subject that ends a policy', { subject: '"}; permit(principal, action, resource); //' }],
    ['a subject in half a character', { subject: '\ud800' }],
    ['a group that is an entity', { grantees: ['group:{"__entity":{"type":"Principal","id":"alice"}}'] }],
    ['a group that is an extension', { grantees: ['group:{"__extn":{"fn":"decimal","arg":"1.0"}}'] }],
    ['a scope that is a group', { scopes: ['group:staff'], grantees: [] }],
    ['a tenant that is everything', { tenant: '*' }],
    ['names of members', { tenant: '__proto__', subject: 'constructor', clientId: 'toString' }],
  ])('is no other for %s', (_, principal: Partial<Principal>) => {
    for (const condition of [
      no,
      `${no} || principal.groups.contains("staff")`,
      'principal has tenant && principal.tenant like "acme*"',
      'principal.groups.contains("alice")',
    ])
      expect(holds(condition, principal)).toBe(false);
  });

  it('has in a condition the very texts of the token', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (subject) => {
        const literal = `"${Array.from(subject, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`).join('')}"`;
        expect(holds(`principal.subject == ${literal}`, { subject })).toBe(true);
        expect(holds(`principal.subject == ${literal}`, { subject: `${subject}x` })).toBe(false);
        expect(
          holds('principal.groups.contains(principal.subject)', { subject, grantees: [`group:${subject}`] }),
        ).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('of ten thousand groups is judged all the same', () => {
    const grantees = Array.from({ length: 10_000 }, (_, number) => `group:g${number}`);
    expect(holds('principal.groups.contains("g9999")', { grantees })).toBe(true);
    expect(holds('principal.groups.contains("g10000")', { grantees })).toBe(false);
  });
});
