import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFreeQueryName, withQueryPair } from './query-key.ts';

const base = 'https://agent.example/tasks';

describe('a key in a query', () => {
  it('is what a server reads there, and all else stays letter for letter', () => {
    const pair = fc.tuple(fc.constantFrom('id', 'pageSize', 'x'), fc.stringMatching(/^[\w.~%2B+-]{0,9}$/));
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 4 }), fc.string({ unit: 'binary' }), (pairs, key) => {
        const query = pairs.map(([name, value]) => `${name}=${value}`).join('&');
        const url = new URL(`${base}?${query}`);
        const changed = withQueryPair(url, 'key', key);
        expect(changed.searchParams.getAll('key')).toEqual([key]);
        expect(changed.search.startsWith(url.search === '' ? '?' : `${url.search}`)).toBe(true);
        expect([changed.origin, changed.pathname]).toEqual([url.origin, url.pathname]);
      }),
    );
  });

  it.each([
    'key=own',
    'KEY=own',
    'k%65y=own',
    '+key=own',
    'key%20=own',
    'key[]=own',
    '[key]=own',
    'key',
    'key=a&key=b',
    '%E0%A4%A=x&key=own',
  ])('takes the place of what a caller sends: ?%s', (query) => {
    const changed = withQueryPair(new URL(`${base}?pageSize=1&${query}`), 'key', 'gateway');
    expect(changed.search.replace('&%E0%A4%A=x', '')).toBe('?pageSize=1&key=gateway');
  });

  it('leaves names alone that only look alike', () => {
    const changed = withQueryPair(new URL(`${base}?keys=1&monkey=2&x=key`), 'key', 'gateway');
    expect(changed.search).toBe('?keys=1&monkey=2&x=key&key=gateway');
  });

  it.each(['id', 'ID', 'task_id', 'taskId', 'context-id', 'tenant', 'A2A-Version', 'pageToken'])(
    'is not called %s',
    (name) => expect(isFreeQueryName(name)).toBe(false),
  );

  it.each(['', 'a b', 'a=b', 'a&b', 'a%62', 'a+b', 'ключ', 'a[b]'])('is not called %j', (name) =>
    expect(isFreeQueryName(name)).toBe(false),
  );

  it.each(['key', 'api_key', 'subscription-key', 'appid'])('is called %s', (name) =>
    expect(isFreeQueryName(name)).toBe(true),
  );
});
