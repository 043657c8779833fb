import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Resolve } from '../../src/upstream/connect.ts';
import type { ProxyOptions } from '../../src/upstream/proxy.ts';
import type { UpstreamRules } from '../../src/upstream/rules.ts';
import { connectProxy } from '../support/connect-proxy.ts';
import { failsWith, http2Upstream, nodeUpstream, request, upstream } from '../support/upstream-servers.ts';
import { names, texts } from './ssrf-catalogue.ts';

interface Attempt {
  answers?: string[][];
  rules?: UpstreamRules;
  resolveNames?: ProxyOptions['resolveNames'];
  make?: typeof upstream | typeof nodeUpstream;
}

/** An upstream behind a proxy that leads nowhere: what is asked of the resolver and of the proxy is noted. */
async function watched({ answers = [], rules = {}, resolveNames = 'gateway', make = upstream }: Attempt) {
  const names: string[] = [];
  const resolve: Resolve = async (name) => {
    names.push(name);
    const addresses = answers[names.length - 1] ?? answers.at(-1) ?? [];
    return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
  const { url, asked } = await connectProxy({ leads: {} });
  const up = make({ rules, resolve, proxy: { url: url.href, resolveNames } });
  return { up, names, tunnels: () => asked.map(({ authority }) => authority) };
}

function refusedBy(rule: string): object {
  return failsWith('upstream_address_refused', { rule });
}

describe.each(['gateway', 'proxy'] as const)(
  'a URL that aims inside, through a proxy, names resolved by the %s',
  (resolveNames) => {
    it.each(Object.entries(texts))(
      'by %s is refused, and no tunnel asked for',
      async (_, [rule, ...urls]) => {
        const { up, names, tunnels } = await watched({ answers: [['8.8.8.8']], resolveNames });
        for (const url of urls) {
          await expect(up.send(request(new URL(url)))).rejects.toMatchObject(refusedBy(rule));
        }
        expect([names, tunnels()]).toEqual([[], []]);
      },
    );
  },
);

describe.each([
  ['undici', upstream],
  ['HTTP/2', http2Upstream],
  ["Node's own client", nodeUpstream],
] as const)('a name that leads inside, through a proxy, by %s', (_, make) => {
  it.each(names)('by %s is refused as %s, and no tunnel asked for', async (_, rule, host, addresses) => {
    const { up, names, tunnels } = await watched({ answers: [addresses], make });
    await expect(up.send(request(new URL(`https://${host}/`)))).rejects.toMatchObject(refusedBy(rule));
    expect([names.length, tunnels()]).toEqual([1, []]);
  });

  it('only later, by rebinding, is asked for at its first address and never by its name', async () => {
    const { up, tunnels } = await watched({ answers: [['8.8.8.8'], ['127.0.0.1']], make });
    const send = () => up.send(request(new URL('https://rebind.example/')));
    await expect(send()).rejects.toMatchObject(failsWith('upstream_unreachable'));
    await expect(send()).rejects.toMatchObject(refusedBy('address:loopback'));
    expect(tunnels()).toEqual(['8.8.8.8:443']);
  });
});

describe('a name that the proxy resolves', () => {
  const resolveNames = 'proxy';

  it.each([
    ['localhost', 'address:loopback'],
    ['localhost.', 'address:loopback'],
    ['agent.localhost', 'address:loopback'],
    ['ⓛⓞⓒⓐⓛⓗⓞⓢⓣ', 'address:loopback'],
    ['localhost..', 'address:malformed'],
    ['127.0.0.1..', 'address:malformed'],
    ['169.254.169.254..', 'address:malformed'],
    ['a..example', 'address:malformed'],
  ])('and means this machine to any reader is refused: %s', async (host, rule) => {
    const { up, tunnels } = await watched({ resolveNames });
    await expect(up.send(request(new URL(`https://${host}/`)))).rejects.toMatchObject(refusedBy(rule));
    expect(await up.check(new URL(`https://${host}/`))).toBe('address');
    expect(tunnels()).toEqual([]);
  });

  it('passes a check unless its text says where it leads: what lies behind the name is for the proxy', async () => {
    const { up, names, tunnels } = await watched({ resolveNames, answers: [['10.0.0.1']] });
    expect(await up.check(new URL('https://inside.example/'))).toBeUndefined();
    expect([names, tunnels()]).toEqual([[], []]);
  });

  it('is judged by the lists of hosts all the same', async () => {
    const { up, tunnels } = await watched({ resolveNames, rules: { denyHosts: ['*.internal'] } });
    const sent = up.send(request(new URL('https://metadata.google.internal/')));
    await expect(sent).rejects.toMatchObject(refusedBy('host:denied'));
    expect(tunnels()).toEqual([]);
  });

  it('reaches it as one name and one port, whatever the URL holds', async () => {
    const { up, tunnels } = await watched({ resolveNames });
    const odd = fc.constantFrom('a,b;c=d', "a'(b)*!", 'a_b~$&+', 'ü', 'A').map((label) => `${label}.example`);
    const host = fc.oneof(fc.domain(), odd);
    await fc.assert(
      fc.asyncProperty(host, fc.webPath(), async (name, path) => {
        const url = new URL(`https://${name}:8443${path}`);
        await expect(up.send(request(url))).rejects.toMatchObject(failsWith('upstream_unreachable'));
        expect(tunnels().at(-1)).toBe(url.host);
      }),
      { numRuns: 50 },
    );
  });
});

describe('an operator who opens loopback to names', () => {
  it('opens it behind a proxy too', async () => {
    const rules = { allowAddresses: ['127.0.0.0/8'] };
    const { up, tunnels } = await watched({ rules, resolveNames: 'proxy' });
    const sent = up.send(request(new URL('https://localhost:8443/')));
    await expect(sent).rejects.toMatchObject(failsWith('upstream_unreachable'));
    expect(tunnels()).toEqual(['localhost:8443']);
  });
});
