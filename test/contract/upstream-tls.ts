import { readFileSync } from 'node:fs';
import type { TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  createSecureServer,
  failsWith,
  hostOf,
  listening,
  request,
  serving,
  textOf,
} from '../support/upstream-servers.ts';
import type { UpstreamContractOptions } from './upstream.ts';

const cert = readFileSync(new URL('../fixtures/tls/agent-cert.pem', import.meta.url), 'utf8');
const key = readFileSync(new URL('../fixtures/tls/agent-key.pem', import.meta.url), 'utf8');

/** Every name is an agent on loopback. */
const resolve = async () => [{ address: '127.0.0.1', family: 4 }];

function servingTls(options: object = {}): Promise<URL> {
  const server = createSecureServer({ cert, key, ...options }, (incoming, outgoing) => {
    const { servername } = incoming.socket as TLSSocket;
    outgoing.end(`${servername} ${hostOf(incoming)}`);
  });
  return listening(server, 'https');
}

function named(url: URL, host: string): URL {
  return new URL(`https://${host}:${url.port}/`);
}

/** What every adapter of the Upstream port promises of TLS. */
export function upstreamTlsContract(name: string, { open }: UpstreamContractOptions): void {
  describe(`the upstream contract on TLS: ${name}`, () => {
    afterEach(() => {
      vi.unstubAllEnvs();
    });

    describe('a certificate', () => {
      it('of nobody we know is refused', async () => {
        const sent = open().send(request(await servingTls()));
        await expect(sent).rejects.toMatchObject({
          ...failsWith('upstream_tls_failed'),
          cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
        });
      });

      it('is verified whatever the environment says', async () => {
        vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
        const sent = open().send(request(await servingTls()));
        await expect(sent).rejects.toMatchObject(failsWith('upstream_tls_failed'));
      });

      it('of an extra authority is accepted, for an address and for a name', async () => {
        const url = await servingTls();
        const up = open({ ca: [cert], resolve });
        expect(await textOf(await up.send(request(url)))).toBe(`false ${url.host}`);
        const byName = named(url, 'agent.test');
        expect(await textOf(await up.send(request(byName)))).toBe(`agent.test ${byName.host}`);
        const qualified = named(url, 'agent.test.');
        expect(await textOf(await up.send(request(qualified)))).toBe(`agent.test ${qualified.host}`);
      });

      it('for another name is refused', async () => {
        const url = named(await servingTls(), 'other.test');
        await expect(open({ ca: [cert], resolve }).send(request(url))).rejects.toMatchObject({
          ...failsWith('upstream_tls_failed'),
          cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
        });
      });
    });

    describe('a TLS handshake', () => {
      it('fails below TLS 1.2', async () => {
        const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
        const sent = open({ ca: [cert] }).send(request(await servingTls(old)));
        await expect(sent).rejects.toMatchObject(failsWith('upstream_tls_failed'));
      });

      it('fails with an agent that speaks plain HTTP', async () => {
        const url = named(await serving((_, outgoing) => outgoing.end()), '127.0.0.1');
        await expect(open().send(request(url))).rejects.toMatchObject(failsWith('upstream_tls_failed'));
      });

      it('fails with an agent that wants a certificate of ours', async () => {
        const url = await servingTls({ requestCert: true, rejectUnauthorized: true, ca: [cert] });
        const sent = open({ ca: [cert] }).send(request(url));
        await expect(sent).rejects.toMatchObject(failsWith('upstream_tls_failed'));
      });

      it('that never ends has timed out in phase connect', async () => {
        const { createServer: createTcpServer } = await import('node:net');
        const url = await listening(createTcpServer(), 'https');
        const sent = open({ connectTimeoutMs: 50 }).send(request(url));
        await expect(sent).rejects.toMatchObject(failsWith('upstream_timeout', { phase: 'connect' }));
      });
    });
  });
}
