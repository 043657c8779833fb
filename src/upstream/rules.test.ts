import { describe, expect, it } from 'vitest';
import { compileRules, refusedPorts, type UpstreamRules, urlRefusal } from './rules.ts';

function refusal(url: string, rules: UpstreamRules = {}): string | undefined {
  return urlRefusal(new URL(url), compileRules(rules));
}

describe('urlRefusal', () => {
  it.each([
    'https://agent.example/',
    'https://agent.example:8443/a?b=c',
    'https://8.8.8.8',
    'https://[2606:4700::1]/',
  ])('lets %s pass by default', (url) => expect(refusal(url)).toBeUndefined());

  it('leaves names to their resolved addresses', () => {
    for (const name of [
      'localhost',
      'a.localhost',
      'metadata.google.internal',
      'billing',
      '127.0.0.1.nip.example',
    ]) {
      expect(refusal(`https://${name}/`)).toBeUndefined();
    }
  });

  it('allows http only when told', () => {
    expect(refusal('http://agent.example/')).toBe('scheme');
    expect(refusal('http://agent.example/', { allowHttp: true })).toBeUndefined();
  });

  it.each([
    'ftp://a.example/',
    'file:///etc/passwd',
    'ws://a.example/',
    'wss://a.example/',
    'data:,x',
    'blob:https://a/b',
  ])('refuses the scheme of %s even when http is allowed', (url) =>
    expect(refusal(url, { allowHttp: true })).toBe('scheme'),
  );

  it.each(['https://user@a.example/', 'https://user:pass@a.example/', 'https://:pass@a.example/'])(
    'refuses the userinfo of %s',
    (url) => expect(refusal(url)).toBe('userinfo'),
  );

  it.each(['https://a.example/#x', 'https://a.example/#', 'https://a.example/?q#'])(
    'refuses the fragment of %s',
    (url) => expect(refusal(url)).toBe('fragment'),
  );
});

describe('the port rule', () => {
  it.each([22, 25, 80, 444, 1023, ...refusedPorts])('refuses port %i by default', (port) => {
    expect(refusal(`https://a.example:${port}/`)).toBe('port');
  });

  it.each([443, 1024, 3000, 8080, 8443, 9999, 41241, 65_535])('lets port %i pass by default', (port) => {
    expect(refusal(`https://a.example:${port}/`)).toBeUndefined();
  });

  it('lets port 80 pass when http is allowed', () => {
    expect(refusal('http://a.example:80/', { allowHttp: true })).toBeUndefined();
  });

  it('lets exactly the listed ports pass, a service port among them', () => {
    const rules = { allowPorts: [9200] };
    expect(refusal('https://a.example:9200/', rules)).toBeUndefined();
    expect(refusal('https://a.example/', rules)).toBe('port');
  });
});

describe('the host lists', () => {
  it('let only listed hosts pass when there are any', () => {
    const rules = { allowHosts: ['Agent.Example', '*.team.example'] };
    expect(refusal('https://agent.example/', rules)).toBeUndefined();
    expect(refusal('https://agent.example./', rules)).toBeUndefined();
    expect(refusal('https://a.team.example/', rules)).toBeUndefined();
    expect(refusal('https://a.b.team.example/', rules)).toBeUndefined();
    for (const host of ['team.example', 'xteam.example', 'other.example', 'agent.example.evil.example']) {
      expect(refusal(`https://${host}/`, rules)).toBe('host:not-allowed');
    }
  });

  it('refuse a denied host although it is allowed too', () => {
    const rules = { allowHosts: ['*.example'], denyHosts: ['*.internal.example', 'localhost'] };
    expect(refusal('https://a.example/', rules)).toBeUndefined();
    expect(refusal('https://a.internal.example/', rules)).toBe('host:denied');
    expect(refusal('https://localhost./', rules)).toBe('host:denied');
  });

  it('compare hosts as URL writes them', () => {
    expect(refusal('https://bücher.example/', { denyHosts: ['BÜCHER.example'] })).toBe('host:denied');
    expect(refusal('https://[2606:4700:0::1]/', { denyHosts: ['2606:4700::1'] })).toBe('host:denied');
    expect(refusal('https://8.8.8.8/', { denyHosts: ['0x08080808'] })).toBe('host:denied');
  });

  it('do not lift the refusal of an address', () => {
    expect(refusal('https://127.0.0.1/', { allowHosts: ['127.0.0.1'] })).toBe('address:loopback');
    expect(refusal('https://127.0.0.1/', { allowAddresses: ['127.0.0.0/8'] })).toBeUndefined();
  });
});

describe('compileRules', () => {
  it.each<UpstreamRules>([
    { allowPorts: [0] },
    { allowPorts: [65_536] },
    { allowPorts: [1.5] },
    { allowHosts: [''] },
    { allowHosts: ['*'] },
    { allowHosts: ['*.*.example'] },
    { denyHosts: ['a.example:8443'] },
    { denyHosts: ['a.example/path'] },
    { denyHosts: ['user@a.example'] },
    { allowAddresses: ['10.0.0.1'] },
  ])('refuses %j', (rules) => expect(() => compileRules(rules)).toThrow(TypeError));
});
