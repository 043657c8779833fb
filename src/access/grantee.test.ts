import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalTarget } from '../http/path.ts';
import {
  type GranteeKind,
  granteesOf,
  granteeText,
  isQualified,
  looksQualified,
  maxNameChars,
} from './grantee.ts';

const kinds = fc.constantFrom<GranteeKind>('group', 'client', 'tenant');
const aliases = fc.option(fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,5}$/), { nil: undefined });
const names = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
  fc.string({ unit: fc.constantFrom('~', '/', '%', ':', '\\', '2', 'F', 'a'), minLength: 1, maxLength: 8 }),
);

describe('the key of a group or client', () => {
  it.each([
    ['a name', undefined, 'admins', 'group:admins'],
    ['a name of an issuer with an alias', 'partner', 'admins', 'group:partner:admins'],
    ['a path of Keycloak', undefined, '/eng/admins', 'group:~2Feng~2Fadmins'],
    ['a name of a domain', undefined, 'ACME\\admins', 'group:ACME~5Cadmins'],
    ['a name that looks like one with an alias', undefined, 'partner:admins', 'group:partner~3Aadmins'],
    ['a name that looks escaped', undefined, '~2F%2f', 'group:~7E2F~252f'],
    ['words and umlauts', undefined, 'Büro Süd', 'group:Büro Süd'],
  ])('is made of %s', (_, alias, name, key) => {
    expect(granteeText('group', alias, name)).toBe(key);
    expect(isQualified(key)).toBe(true);
  });

  it.each([
    ['empty', ''],
    ['longer than any', 'x'.repeat(maxNameChars + 1)],
    ['with a control character', 'a\u0000b'],
    ['with another', 'a\u0085b'],
    ['with half a character', 'a\ud800'],
  ])('is not made of a name %s', (_, name) => {
    expect(granteeText('group', undefined, name)).toBeUndefined();
  });

  it.each([
    ...['demo', 'group:', 'group::a', 'group:a:', 'group:a:b:c', 'groups:a', 'Group:a'],
    ...['group:a/b', 'group:a~2fb', 'group:a~41', 'group:~', 'group:ACME:b', 'client:a%41', 'group:a\n'],
  ])('is not %j', (text) => {
    expect(isQualified(text)).toBe(false);
  });

  it('is of one kind, alias and name alone', () => {
    const group = fc.tuple(kinds, aliases, names);
    const law = fc.property(group, group, (one, other) => {
      const key = granteeText(...one);
      if (key !== undefined) expect(key === granteeText(...other)).toBe(`${one}` === `${other}`);
    });
    fc.assert(law, { numRuns: 1_000 });
  });

  it('can be spelled in a path', () => {
    const law = fc.property(kinds, aliases, names, (kind, alias, name) => {
      const key = granteeText(kind, alias, name);
      if (key === undefined) return;
      expect(isQualified(key)).toBe(true);
      expect(canonicalTarget(`/admin/permissions/${encodeURIComponent(key)}`).ok).toBe(true);
    });
    fc.assert(law, { numRuns: 1_000 });
  });
});

describe('whom permissions may be given to', () => {
  const issuers = [
    { issuer: 'https://own.test' },
    { issuer: 'https://partner.test', alias: 'partner' },
    { issuer: 'https://other.test' },
  ];
  const facts = { scopes: ['demo'], groups: ['admins'], clientId: 'app', tenant: 'acme' };

  it.each([
    [
      'the first issuer, by bare names',
      'https://own.test',
      ['demo', 'group:admins', 'client:app', 'tenant:acme'],
    ],
    [
      'one with an alias',
      'https://partner.test',
      ['demo', 'group:partner:admins', 'client:partner:app', 'tenant:partner:acme'],
    ],
    ['another, by scopes alone', 'https://other.test', ['demo']],
    ['an issuer nobody trusts, by scopes alone', 'https://nobody.test', ['demo']],
  ])('is of %s', (_, issuer, expected) => {
    expect(granteesOf({ issuer, ...facts }, issuers)).toEqual(expected);
  });

  it('is of the first issuer by its alias, where it has one', () => {
    const [own] = granteesOf({ issuer: 'a', scopes: [], groups: ['admins'] }, [
      { issuer: 'a', alias: 'own' },
    ]);
    expect(own).toBe('group:own:admins');
  });

  it('is no scope that names a group or client', () => {
    const scopes = ['group:admins', 'client:app', 'tenant:acme', 'group:partner:admins', 'demo'];
    expect(granteesOf({ issuer: 'https://other.test', scopes, groups: [] }, issuers)).toEqual(['demo']);
    expect(granteesOf({ issuer: 'https://own.test', scopes, groups: [] }, issuers)).toEqual(['demo']);
  });

  it('is each once', () => {
    const groups = ['admins', 'admins'];
    expect(granteesOf({ issuer: 'https://own.test', scopes: [], groups }, issuers)).toEqual(['group:admins']);
  });

  it('is never what another issuer names, whatever stands in its tokens', () => {
    const words = fc.oneof(
      names,
      fc.constantFrom('admins', 'partner:admins', 'group:admins', 'tenant:partner:admins', 'client:app'),
    );
    const claims = fc.record({
      scopes: fc.array(words, { maxLength: 4 }),
      groups: fc.array(words, { maxLength: 4 }),
      clientId: fc.option(words, { nil: undefined }),
      tenant: fc.option(words, { nil: undefined }),
    });
    const law = fc.property(claims, claims, claims, (own, partner, other) => {
      const named = [own, partner, other].map((facts, index) => {
        const issuer = issuers[index]?.issuer ?? '';
        return granteesOf({ issuer, ...facts }, issuers).filter(looksQualified);
      });
      expect(named[2]).toEqual([]);
      for (const key of named[0] ?? []) expect(named[1]).not.toContain(key);
      for (const key of named.flat()) expect(isQualified(key)).toBe(true);
    });
    fc.assert(law, { numRuns: 500 });
  });
});
