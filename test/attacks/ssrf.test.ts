import type { Socket } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Resolve } from '../../src/upstream/connect.ts';
import type { DialTarget } from '../../src/upstream/dial.ts';
import type { UpstreamRules } from '../../src/upstream/rules.ts';
import { cites } from '../support/cites.ts';
import {
  failsWith,
  get,
  http2Upstream,
  request,
  serving,
  textOf,
  upstream,
} from '../support/upstream-servers.ts';
import { names, texts } from './ssrf-catalogue.ts';

/** The rules of production: https to public addresses. */
const strict: UpstreamRules = {};

/** An upstream that opens nothing: it notes which names it asks for and where it would connect. */
function watched(answers: string[][] = [], rules = strict, make: typeof upstream = upstream) {
  const asked: string[] = [];
  const dialled: DialTarget[] = [];
  const resolve: Resolve = async (name) => {
    asked.push(name);
    const addresses = answers[asked.length - 1] ?? answers.at(-1) ?? [];
    return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
  async function dial(target: DialTarget): Promise<Socket> {
    dialled.push(target);
    throw Object.assign(new Error('not here'), { code: 'ECONNREFUSED', syscall: 'connect' });
  }
  return { up: make({ rules, resolve, dial }), asked, dialled };
}

describe.each([
  ['HTTP/1.1', upstream],
  ['HTTP/2', http2Upstream],
])('a URL that aims inside, over %s', (_, make) => {
  beforeEach(() => cites('A2A-13.2-addresses'));

  for (const [trick, [rule, ...urls]] of Object.entries(texts)) {
    it.each(urls)(`by ${trick} is refused: %j`, async (text) => {
      const { up, asked, dialled } = watched([['8.8.8.8']], strict, make);
      const url = new URL(text);
      expect(up.refusal(url)).toBe(rule);
      expect(await up.check(url)).toBe(rule);
      await expect(up.send(request(url))).rejects.toMatchObject(
        failsWith('upstream_address_refused', { rule }),
      );
      expect([asked, dialled]).toEqual([[], []]);
    });
  }

  it.each([
    'https://[::1%25lo]/',
    'https://[fe80::1%eth0]/',
    'https://127.0.0.256/',
    'https://1.2.3.4.5/',
    'https://good.example:99999/',
    'https://good.example%00.evil/',
    'https://[::ffff:127.0.0.1/',
    'https://',
  ])('in a form that is no URL cannot be asked: %j', (text) => expect(URL.canParse(text)).toBe(false));

  it('is refused with http allowed as well', () => {
    const { up } = watched([], { allowHttp: true });
    expect(up.refusal(new URL('http://169.254.169.254/'))).toBe('address:metadata');
    expect(up.refusal(new URL('http://0x7f.1:8080/'))).toBe('address:loopback');
    expect(up.refusal(new URL('http://good.example:6379/'))).toBe('port');
  });
});

describe.each([
  ['HTTP/1.1', upstream],
  ['HTTP/2', http2Upstream],
])('a name that leads inside, over %s', (_, make) => {
  beforeEach(() => cites('A2A-13.2-addresses'));

  it.each(names)('by %s is refused as %s', async (_, rule, host, addresses) => {
    const { up, asked, dialled } = watched([addresses], strict, make);
    const url = new URL(`https://${host}/`);
    expect(up.refusal(url)).toBeUndefined();
    await expect(up.send(request(url))).rejects.toMatchObject(
      failsWith('upstream_address_refused', { rule }),
    );
    expect([asked.length, dialled]).toEqual([1, []]);
  });

  it('only later, by rebinding, is called at its first address', async () => {
    const { up, asked, dialled } = watched([['8.8.8.8'], ['127.0.0.1']], strict, make);
    const sent = up.send(request(new URL('https://rebind.example/')));
    await expect(sent).rejects.toMatchObject(failsWith('upstream_unreachable'));
    expect(asked).toEqual(['rebind.example']);
    expect(dialled.map(({ address }) => address)).toEqual(['8.8.8.8']);
  });

  it('on a new connection, by rebinding, is refused there', async () => {
    const { up, dialled } = watched([['8.8.8.8'], ['127.0.0.1']], strict, make);
    const send = () => up.send(request(new URL('https://rebind.example/')));
    await expect(send()).rejects.toMatchObject(failsWith('upstream_unreachable'));
    await expect(send()).rejects.toMatchObject(
      failsWith('upstream_address_refused', { rule: 'address:loopback' }),
    );
    expect(dialled.map(({ address }) => address)).toEqual(['8.8.8.8']);
  });

  it('nowhere is unreachable', async () => {
    const { up, dialled } = watched([[]], strict, make);
    const sent = up.send(request(new URL('https://nowhere.example/')));
    await expect(sent).rejects.toMatchObject(failsWith('upstream_unreachable'));
    expect(dialled).toEqual([]);
  });

  it('to an error of the resolver is unreachable', async () => {
    const failure = Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' });
    const up = make({ rules: strict, resolve: () => Promise.reject(failure) });
    const sent = up.send(request(new URL('https://nowhere.example/')));
    await expect(sent).rejects.toMatchObject({ ...failsWith('upstream_unreachable'), cause: failure });
  });
});

describe('a check of where a name leads', () => {
  beforeEach(() => cites('A2A-13.2-addresses'));

  it.each(names)('by %s tells no rule, and connects nowhere', async (_, _rule, host, addresses) => {
    const { up, asked, dialled } = watched([addresses]);
    expect(await up.check(new URL(`https://${host}/`))).toBe('address');
    expect([asked.length, dialled]).toEqual([1, []]);
  });

  it('says of a name that is nobody what it says of one that leads inside', async () => {
    const missing = Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' });
    const resolvers: Resolve[] = [
      () => Promise.reject(missing),
      async () => [],
      async () => [{ address: '10.0.0.1', family: 4 }],
      () => new Promise(() => {}),
    ];
    for (const resolve of resolvers) {
      const up = upstream({ rules: strict, resolve, connectTimeoutMs: 20 });
      expect(await up.check(new URL('https://billing.internal.example/'))).toBe('address');
    }
  });

  it('holds for the moment: what passed is judged again when it is called', async () => {
    const { up, dialled } = watched([['8.8.8.8'], ['10.0.0.1']]);
    const url = new URL('https://rebind.example/');
    expect(await up.check(url)).toBeUndefined();
    await expect(up.send(request(url))).rejects.toMatchObject(
      failsWith('upstream_address_refused', { rule: 'address:private' }),
    );
    expect(dialled).toEqual([]);
  });
});

describe('an agent that sends us on', () => {
  beforeEach(() => cites('A2A-13.2-addresses'));

  it.each([301, 302, 303, 307, 308])('with %i gets no further call', async (status) => {
    let calls = 0;
    const url = await serving((_, outgoing) => {
      calls += 1;
      outgoing.writeHead(status, { location: 'http://169.254.169.254/', refresh: '0; url=/' }).end('moved');
    });
    const response = await get(url);
    expect([response.status, response.header('location')]).toEqual([status, 'http://169.254.169.254/']);
    expect([await textOf(response), calls]).toEqual(['moved', 1]);
  });
});

describe('an operator who opens one network', () => {
  it('opens no metadata with it', async () => {
    const rules = { allowHttp: true, allowAddresses: ['169.254.0.0/16', '100.64.0.0/10', 'fd00::/8'] };
    for (const address of ['169.254.169.254', '100.100.100.200', 'fd00:ec2::254']) {
      const { up, dialled } = watched([[address]], rules);
      const sent = up.send(request(new URL('http://inside.example/')));
      await expect(sent).rejects.toMatchObject(
        failsWith('upstream_address_refused', { rule: 'address:metadata' }),
      );
      expect(dialled).toEqual([]);
    }
  });

  it('reaches exactly that network', async () => {
    const { up, dialled } = watched([['10.1.0.1'], ['10.2.0.1']], { allowAddresses: ['10.1.0.0/16'] });
    const send = () => up.send(request(new URL('https://inside.example/')));
    await expect(send()).rejects.toMatchObject(failsWith('upstream_unreachable'));
    await expect(send()).rejects.toMatchObject(
      failsWith('upstream_address_refused', { rule: 'address:private' }),
    );
    expect(dialled).toEqual([{ address: '10.1.0.1', port: 443, host: 'inside.example', secure: true }]);
  });
});
