import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileProxy } from './proxy.ts';

describe('a proxy', () => {
  it.each([
    ['http://proxy.example:3128', { host: 'proxy.example', port: 3128, secure: false }],
    ['http://proxy.example/', { host: 'proxy.example', port: 80, secure: false }],
    ['https://proxy.example.', { host: 'proxy.example', port: 443, secure: true }],
    ['https://[::1]:8443', { host: '::1', port: 8443, secure: true }],
  ])('is found at %s', (url, place) => {
    expect(compileProxy({ url })).toMatchObject({ ...place, authorization: undefined });
  });

  it.each(['', 'proxy:3128', 'ftp://proxy', 'http://proxy/a', 'http://proxy/?a', 'http://proxy/#a'])(
    'is not found at "%s"',
    (url) => expect(() => compileProxy({ url })).toThrow(TypeError),
  );

  it('takes all hosts but those it is told to leave', () => {
    const { takes, resolves } = compileProxy({
      url: 'http://proxy',
      bypassHosts: ['*.inside.example', '::1'],
    });
    expect(['agent.example', 'inside.example', '::2'].map(takes)).toEqual([true, true, true]);
    expect(['agent.inside.example', '::1'].map(takes)).toEqual([false, false]);
    expect(resolves('agent.example')).toBe(false);
  });

  it('resolves the names it takes, where it is told to', () => {
    const options = { url: 'http://proxy', bypassHosts: ['a.example'], resolveNames: 'proxy' } as const;
    expect(['a.example', 'b.example'].map(compileProxy(options).resolves)).toEqual([false, true]);
  });

  it('is shown the credentials of its URL, whatever they hold', () => {
    const user = fc.string({ unit: 'grapheme', minLength: 1 }).filter((name) => !name.includes(':'));
    fc.assert(
      fc.property(user, fc.string({ unit: 'grapheme' }), (name, secret) => {
        const url = `http://${encodeURIComponent(name)}:${encodeURIComponent(secret)}@proxy`;
        const [scheme, encoded = ''] = compileProxy({ url }).authorization?.split(' ') ?? [];
        expect([scheme, Buffer.from(encoded, 'base64').toString()]).toEqual(['Basic', `${name}:${secret}`]);
      }),
    );
  });
});
