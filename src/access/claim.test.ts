import { describe, expect, it } from 'vitest';
import { claimOf, firstClaimOf, isClaimName, topClaim } from './claim.ts';

// As a token's payload is read, in which `__proto__` is a member like any other.
const payload = JSON.parse(`{
  "groups": ["a"], "cognito:groups": ["b"], "https://acme.example/groups": ["c"], "a.b": "dots",
  "realm_access": { "roles": ["d"], "a/b": { "~": "escaped" }, "": "empty" },
  "text": "x", "nothing": null, "__proto__": { "inherited": ["e"] }
}`);

describe('a claim', () => {
  it.each([
    ['groups', ['a']],
    ['cognito:groups', ['b']],
    ['https://acme.example/groups', ['c']],
    ['a.b', 'dots'],
    ['/realm_access/roles', ['d']],
    ['/realm_access/a~1b/~0', 'escaped'],
    ['/realm_access/', 'empty'],
    ['/groups', ['a']],
    ['nothing', null],
    ['/__proto__/inherited', ['e']],
  ])('is found by its name, %s', (name, value) => {
    expect(claimOf(payload, name)).toEqual(value);
  });

  it.each([
    ...['inherited', 'toString', 'constructor', 'hasOwnProperty', 'a', 'realm_access.roles'],
    ...['/realm_access/roles/0', '/groups/length', '/text/length', '/nothing/x', '/toString/name', '/'],
  ])('is not there: %s', (name) => {
    expect(claimOf(payload, name)).toBeUndefined();
  });

  it('is the first of several that there is, of whatever kind', () => {
    expect(firstClaimOf(payload, ['absent', 'nothing', 'groups'])).toBeNull();
    expect(firstClaimOf(payload, ['absent'])).toBeUndefined();
  });

  it('is inside of a member', () => {
    const names = ['groups', 'https://acme.example/groups', '/realm_access/roles', '/a~1b/c'];
    expect(names.map(topClaim)).toEqual(['groups', 'https://acme.example/groups', 'realm_access', 'a/b']);
  });
});

it.each([
  ['', false],
  ['/a~', false],
  ['/a~2', false],
  ['a~', true],
  ['/a~0~1', true],
  ['https://acme.example/groups', true],
])('%j may name a claim: %s', (text, isName) => {
  expect(isClaimName(text)).toBe(isName);
});
