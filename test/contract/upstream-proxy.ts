import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { causeOf } from '../../src/telemetry/cause.ts';
import type { ProxyOptions } from '../../src/upstream/proxy.ts';
import { type Authority, createAuthority, type Issued } from '../support/certificates.ts';
import { connectProxy } from '../support/connect-proxy.ts';
import {
  answering,
  createSecureServer,
  failsWith,
  hostOf,
  listening,
  request,
  serving,
  textOf,
} from '../support/upstream-servers.ts';
import type { UpstreamContractOptions } from './upstream.ts';

const publicAddress = '93.184.216.34';

const target = new URL('https://127.0.0.1:9999/');

/** Every name is an agent at a public address, which the proxies of these tests lead to loopback. */
const resolve = async () => [{ address: publicAddress, family: 4 }];

function noName(): Promise<never> {
  return Promise.reject(new Error('asked for a name'));
}

/** What every adapter of the Upstream port promises of a proxy it goes out through. */
export function upstreamProxyContract(
  name: string,
  { open, keepsConnections }: UpstreamContractOptions,
): void {
  let authority: Authority;
  let issued: Issued;

  beforeAll(async () => {
    authority = await createAuthority();
    issued = await authority.issue({ hosts: ['agent.test', '127.0.0.1'] });
  });

  function by(url: URL, more: Partial<ProxyOptions> = {}): { proxy: ProxyOptions } {
    return { proxy: { url: url.href, ...more } };
  }

  /** An agent that answers what name TLS asked it for, who called, and what headers came. */
  function tlsAgent(): Promise<URL> {
    const { certificate: cert, privateKey: key } = issued;
    const options = { cert, key, requestCert: true, rejectUnauthorized: false };
    const server = createSecureServer(options, (incoming, outgoing) => {
      const { servername, getPeerCertificate } = incoming.socket as TLSSocket;
      const client = getPeerCertificate.call(incoming.socket).subject?.CN;
      outgoing.end(
        JSON.stringify({ servername, client, headers: { ...incoming.headers, host: hostOf(incoming) } }),
      );
    });
    return listening(server, 'https');
  }

  function echoAgent(): Promise<URL> {
    return serving((incoming, outgoing) =>
      outgoing.end(JSON.stringify({ ...incoming.headers, host: hostOf(incoming) })),
    );
  }

  describe(`the upstream contract on a proxy: ${name}`, () => {
    describe('a call', () => {
      it.each(['http', 'https'])('by %s goes through a tunnel to the judged address', async (scheme) => {
        const { port } = scheme === 'https' ? await tlsAgent() : await echoAgent();
        const leads = { [`${publicAddress}:${port}`]: Number(port) };
        const { url, asked, others } = await connectProxy({ leads });
        const up = open({ ...by(url), resolve, ca: [authority.certificate] });
        const named = new URL(`${scheme}://agent.test:${port}/`);
        const told = await textOf(await up.send(request(named)));
        expect(told).toContain(`"host":"agent.test:${port}"`);
        if (scheme === 'https') expect(told).toContain('"servername":"agent.test"');
        expect(asked).toMatchObject([{ authority: `${publicAddress}:${port}` }]);
        expect(asked[0]?.headers).toEqual({ host: `${publicAddress}:${port}` });
        expect(others).toEqual([]);
      });

      it('goes by name where the proxy resolves names, and asks no resolver', async () => {
        const { port } = await tlsAgent();
        const leads = { [`agent.test:${port}`]: Number(port) };
        const { url, asked } = await connectProxy({ leads });
        const up = open({
          ...by(url, { resolveNames: 'proxy' }),
          resolve: noName,
          ca: [authority.certificate],
        });
        const response = await up.send(request(new URL(`https://agent.test:${port}/`)));
        expect(await textOf(response)).toContain('"servername":"agent.test"');
        expect(asked.map(({ authority }) => authority)).toEqual([`agent.test:${port}`]);
      });

      it('names an IPv6 address in brackets', async () => {
        const { port } = await echoAgent();
        const leads = { [`[2606:4700::1]:${port}`]: Number(port) };
        const { url } = await connectProxy({ leads });
        const response = await open(by(url)).send(request(new URL(`http://[2606:4700::1]:${port}/`)));
        expect(response.status).toBe(200);
      });

      it('to a host that is bypassed goes by itself, and its name is resolved and judged here', async () => {
        const agent = await echoAgent();
        const { url, asked } = await connectProxy({ leads: {} });
        const up = open({
          ...by(url, { bypassHosts: ['*.inside.test'], resolveNames: 'proxy' }),
          resolve: async (host) => [
            { address: host.startsWith('agent') ? '127.0.0.1' : '10.0.0.1', family: 4 },
          ],
        });
        const response = await up.send(request(new URL(`http://agent.inside.test:${agent.port}/`)));
        expect(response.status).toBe(200);
        const refused = up.send(request(new URL(`http://other.inside.test:${agent.port}/`)));
        await expect(refused).rejects.toMatchObject(
          failsWith('upstream_address_refused', { rule: 'address:private' }),
        );
        expect(asked).toEqual([]);
      });

      it('uses a tunnel again where connections are kept', async () => {
        const { port } = await tlsAgent();
        const { url, asked } = await connectProxy();
        const up = open({ ...by(url), ca: [authority.certificate] });
        const agent = new URL(`https://127.0.0.1:${port}/`);
        for (let call = 0; call < 6; call++) await textOf(await up.send(request(agent)));
        if (keepsConnections) expect(asked.length).toBeLessThanOrEqual(2);
        else expect(asked).toHaveLength(6);
      });

      it('is not even begun with a proxy that cannot be one', () => {
        for (const url of ['socks5://127.0.0.1:1080', 'proxy.test:3128', 'http://proxy.test/path', '']) {
          expect(() => open({ proxy: { url } })).toThrow(TypeError);
        }
        expect(() => open({ proxy: { url: 'http://proxy.test', bypassHosts: ['a b'] } })).toThrow(TypeError);
      });
    });

    describe('a proxy that speaks TLS', () => {
      it('carries TLS in TLS, and sees nothing of the client certificate inside', async () => {
        const clientCertificate = await authority.issue({ commonName: 'gateway' });
        const guard = await createAuthority('Authority of the proxy');
        const { port } = await tlsAgent();
        const { url, asked } = await connectProxy({ tls: await guard.issue() });
        const up = open(by(url, { authorities: [guard.certificate] }));
        const connection = { caCertificates: authority.certificate, clientCertificate };
        const response = await up.send(request(new URL(`https://127.0.0.1:${port}/`), { connection }));
        expect(JSON.parse(await textOf(response)).client).toBe('gateway');
        expect(asked).toMatchObject([{ authority: `127.0.0.1:${port}`, clientCertificate: undefined }]);
      });

      it('carries plain HTTP', async () => {
        const agent = await echoAgent();
        const { url } = await connectProxy({ tls: issued });
        const up = open(by(url, { authorities: [authority.certificate] }));
        expect((await up.send(request(agent))).status).toBe(200);
      });

      it('is not reached by a certificate nobody vouches for, those of agents included', async () => {
        const agent = await echoAgent();
        const { url, asked } = await connectProxy({ tls: issued });
        const up = open({ ...by(url), ca: [authority.certificate] });
        const connection = { caCertificates: authority.certificate };
        await expect(up.send(request(agent, { connection }))).rejects.toMatchObject(
          failsWith('upstream_unreachable'),
        );
        expect(asked).toEqual([]);
      });
    });

    describe('the credentials of the proxy', () => {
      it('are shown to it alone, decoded', async () => {
        const agent = await echoAgent();
        const authorization = `Basic ${Buffer.from('us er:pä:ss@').toString('base64')}`;
        const { url, asked } = await connectProxy({ authorization });
        url.username = 'us er';
        url.password = 'pä:ss@';
        const told = await textOf(await open(by(url)).send(request(agent)));
        expect(asked[0]?.headers['proxy-authorization']).toBe(authorization);
        expect(told).not.toMatch(/proxy|basic/i);
      });

      it('are in no error, whatever goes wrong', async () => {
        const { url } = await connectProxy({ authorization: 'Basic other' });
        url.username = 'operator';
        url.password = 'top-secret';
        const secrets = /top-secret|operator|b3BlcmF0b3I6dG9wLXNlY3JldA/;
        const absent = new URL(url);
        absent.port = '1';
        const echoing = await listening(
          createTcpServer((socket) => socket.on('data', (asked) => socket.end(asked))),
        );
        echoing.username = 'operator';
        echoing.password = 'top-secret';
        for (const proxy of [url, absent, echoing]) {
          const sent = open({ ...by(proxy) }).send(request(new URL('https://127.0.0.1:9999/')));
          await expect(sent).rejects.toMatchObject(failsWith('upstream_unreachable'));
          await sent.catch((error) => expect(messagesOf(error)).not.toMatch(secrets));
        }
        const wrong = 'http://operator:top-secret@proxy.test/path';
        expect(() => open({ proxy: { url: wrong } })).toThrow(expect.not.stringMatching(secrets));
        expect(() => open({ proxy: { url: 'http://a%3Ab:c@proxy.test' } })).toThrow(TypeError);
        expect(() => open({ proxy: { url: 'http://a:%zz@proxy.test' } })).toThrow(TypeError);
      });
    });

    describe('a proxy that fails', () => {
      it.each([301, 403, 407, 500, 502, 503])('by status %i makes the agent unreachable', async (status) => {
        const url = await answering(`HTTP/1.1 ${status} No\r\nlocation: http://127.0.0.1/\r\n\r\n`);
        const sent = open(by(url)).send(request(target));
        await expect(sent).rejects.toMatchObject(failsWith('upstream_unreachable'));
        await sent.catch((error) => expect(inspect(error)).toContain(`${status}`));
      });

      it.each([
        ['garbage', 'SSH-2.0-OpenSSH_9.2\r\n'],
        ['an interim answer', 'HTTP/1.1 100 Continue\r\n\r\n'],
        ['no more than a line', 'HTTP/1.1 200 OK\r\n'],
        ['nothing', ''],
        ['a header split by a bare line feed', 'HTTP/1.1 200 OK\nx-a: b\n\n'],
        ['a folded header', 'HTTP/1.1 200 OK\r\nx-a: b\r\n c\r\n\r\n'],
        ['too long a head', `HTTP/1.1 200 OK\r\nx-a: ${'a'.repeat(20_000)}\r\n\r\n`],
        ['a head without end', `HTTP/1.1 200 OK\r\n${'x-a: b\r\n'.repeat(4_000)}`],
      ])('by %s makes the agent unreachable', async (_, text) => {
        const sent = open(by(await answering(text))).send(request(target));
        await expect(sent).rejects.toMatchObject(failsWith('upstream_unreachable'));
      });

      it('by silence has timed out in phase connect, and is let go', async () => {
        const server = createTcpServer();
        const accepted = once(server, 'connection');
        const url = await listening(server);
        const sent = open({ ...by(url), connectTimeoutMs: 100 }).send(request(target));
        await expect(sent).rejects.toMatchObject(failsWith('upstream_timeout', { phase: 'connect' }));
        const [socket] = await accepted;
        await once(socket.resume(), 'close');
      });

      it('by hanging up in mid-handshake has reset the call', async () => {
        const url = await listening(
          createTcpServer((socket) => {
            socket.once('data', () => {
              socket.write('HTTP/1.1 200 OK\r\n\r\n');
              socket.once('data', () => socket.destroy());
            });
          }),
        );
        const sent = open(by(url)).send(request(target));
        await expect(sent).rejects.toMatchObject(failsWith('upstream_reset'));
      });
    });

    describe('the answer of a proxy', () => {
      it('is no part of the answer of the agent, whatever headers it smuggles', async () => {
        const agent = await echoAgent();
        const answerHeaders =
          'set-cookie: a=b\r\ncontent-encoding: gzip\r\ncontent-length: 4000\r\nlocation: http://127.0.0.1/\r\n';
        const { url } = await connectProxy({ answerHeaders });
        const response = await open(by(url)).send(request(agent));
        expect(response.status).toBe(200);
        for (const header of ['set-cookie', 'content-encoding', 'location']) {
          expect(response.header(header)).toBeUndefined();
        }
        expect(JSON.parse(await textOf(response)).host).toBe(agent.host);
      });

      it('may say that it is chunked, which means nothing there', async () => {
        const agent = await tlsAgent();
        const { url } = await connectProxy({ answerHeaders: 'transfer-encoding: chunked\r\n' });
        const up = open({ ...by(url), ca: [authority.certificate] });
        expect((await up.send(request(agent))).status).toBe(200);
      });

      it('may have bytes of the agent behind it, which are not lost', async () => {
        const url = await answering('HTTP/1.1 200 OK\r\n\r\nSSH-2.0-OpenSSH_9.2\r\n');
        // A lost greeting would leave the handshake waiting for its time to run out.
        const sent = open({ ...by(url), connectTimeoutMs: 60_000 }).send(request(target));
        await expect(sent).rejects.toMatchObject({
          ...failsWith('upstream_tls_failed'),
          cause: { code: expect.stringMatching(/SSL/) },
        });
      });
    });
  });
}

/** What the log gets of an error: the names, messages and codes of all its causes. */
function messagesOf(error: unknown): string {
  return inspect(causeOf(error), { depth: 10 });
}
