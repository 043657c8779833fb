import type { ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ConnectionOptions } from '../../src/ports.ts';
import { type Authority, createAuthority, type Issued } from '../support/certificates.ts';
import { createSecureServer, failsWith, listening, request, textOf } from '../support/upstream-servers.ts';
import type { UpstreamContractOptions } from './upstream.ts';

/** Every name is an agent on loopback. */
const resolve = async () => [{ address: '127.0.0.1', family: 4 }];

interface Agent {
  url: URL;
  /** Who each connection's client proved to be, in the order they were made. */
  clients: string[];
}

type Answer = (outgoing: ServerResponse, client: string) => unknown;

/** What every adapter of the Upstream port promises of connections that differ by agent. */
export function upstreamConnectionsContract(
  name: string,
  { open, keepsConnections }: UpstreamContractOptions,
): void {
  let authority: Authority;
  let stranger: Authority;
  let server: Issued;

  beforeAll(async () => {
    authority = await createAuthority();
    stranger = await createAuthority('Another authority');
    server = await authority.issue({ hosts: ['agent.test', '127.0.0.1'] });
  });

  /** An agent that answers who called it, on a connection of its own kind. */
  async function agent(
    options: object = {},
    answer: Answer = (outgoing, client) => outgoing.end(client),
  ): Promise<Agent> {
    const clients: string[] = [];
    const { certificate: cert, privateKey: key } = server;
    const https = createSecureServer({ cert, key, ...options }, (incoming, outgoing) =>
      answer(outgoing, clientOf(incoming.socket as TLSSocket)),
    );
    https.on('secureConnection', (socket) => clients.push(clientOf(socket)));
    return { url: await listening(https, 'https'), clients };
  }

  /** An agent that talks to those alone who have a certificate of the authority. */
  function strictAgent(options: object = {}): Promise<Agent> {
    return agent({ requestCert: true, rejectUnauthorized: true, ca: authority.certificate, ...options });
  }

  async function as(commonName: string, issuer = authority): Promise<ConnectionOptions> {
    const clientCertificate = await issuer.issue({ commonName });
    return { caCertificates: authority.certificate, clientCertificate };
  }

  function trusting(): ConnectionOptions {
    return { caCertificates: authority.certificate };
  }

  describe(`the upstream contract on connections: ${name}`, () => {
    describe('an authority of its own', () => {
      it('is trusted for that agent and for no other', async () => {
        const { url } = await agent();
        const up = open();
        expect((await up.send(request(url, { connection: trusting() }))).status).toBe(200);
        await expect(up.send(request(url))).rejects.toMatchObject(failsWith('upstream_tls_failed'));
        const connection = { caCertificates: stranger.certificate };
        await expect(up.send(request(url, { connection }))).rejects.toMatchObject(
          failsWith('upstream_tls_failed'),
        );
      });

      it("stands beside the gateway's, each with as many certificates as it has", async () => {
        const { url } = await agent();
        const others = { caCertificates: stranger.certificate };
        const up = open({ ca: [authority.certificate] });
        expect((await up.send(request(url, { connection: others }))).status).toBe(200);
        const both = { caCertificates: `${stranger.certificate}\n${authority.certificate}` };
        expect((await open().send(request(url, { connection: both }))).status).toBe(200);
      });

      it('does not vouch for a certificate that has expired', async () => {
        const { certificate: cert, privateKey: key } = await authority.issue({ expired: true });
        const { url } = await agent({ cert, key });
        await expect(open().send(request(url, { connection: trusting() }))).rejects.toMatchObject({
          ...failsWith('upstream_tls_failed'),
          cause: { code: 'CERT_HAS_EXPIRED' },
        });
      });

      it('does not vouch for another host', async () => {
        const { url } = await agent();
        const other = new URL(`https://other.test:${url.port}/`);
        const sent = open({ resolve }).send(request(other, { connection: trusting() }));
        await expect(sent).rejects.toMatchObject({
          ...failsWith('upstream_tls_failed'),
          cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
        });
      });

      it('that is no certificate is trusted for nothing', async () => {
        const { url } = await agent();
        for (const caCertificates of ['', 'top-secret', server.privateKey]) {
          const sent = open({ ca: [authority.certificate] }).send(
            request(url, { connection: { caCertificates } }),
          );
          await expect(sent).rejects.toMatchObject(failsWith('upstream_tls_failed'));
          await sent.catch((error) => expectUntold(error, caCertificates));
        }
      });
    });

    describe("a client's certificate", () => {
      it('is presented by the calls it is for, and by no others', async () => {
        const { url, clients } = await agent({ requestCert: true, rejectUnauthorized: false });
        const up = open();
        const kinds = { one: await as('one'), two: await as('two'), nobody: trusting() };
        for (let round = 0; round < 5; round++) {
          for (const [client, connection] of Object.entries(kinds)) {
            expect(await textOf(await up.send(request(url, { connection })))).toBe(client);
          }
        }
        expect(new Set(clients)).toEqual(new Set(['one', 'two', 'nobody']));
      });

      it('is presented by the calls it is for when all go at once', async () => {
        const { url } = await strictAgent();
        const up = open();
        const kinds = await Promise.all(Array.from({ length: 4 }, (_, index) => as(`client ${index}`)));
        const sent = Array.from({ length: 40 }, async (_, index) =>
          textOf(await up.send(request(url, { connection: { ...kinds[index % 4] } }))),
        );
        expect(await Promise.all(sent)).toEqual(sent.map((_, index) => `client ${index % 4}`));
      });

      it.each(['TLSv1.2', 'TLSv1.3'] as const)('that is missing fails the call, in %s', async (version) => {
        const { url } = await strictAgent({ minVersion: version, maxVersion: version });
        const sent = open().send(request(url, { connection: trusting() }));
        await expect(sent).rejects.toMatchObject(failsWith('upstream_tls_failed'));
      });

      it('that is not taken, by an agent that hangs up without a word, fails the call', async () => {
        const { url, clients } = await strictAgent();
        const sent = open().send(request(url, { connection: await as('one', stranger) }));
        await expect(sent).rejects.toMatchObject({
          failure: { code: expect.stringMatching(/^upstream_(tls_failed|reset)$/) },
        });
        expect(clients).toEqual([]);
      });

      it('that cannot be used is a credential that is not there, and is not told', async () => {
        const { url, clients } = await agent();
        const other = await authority.issue();
        for (const clientCertificate of [
          { ...server, privateKey: other.privateKey },
          { ...server, privateKey: 'top-secret' },
          { ...server, privateKey: '' },
          { ...server, certificate: 'top-secret' },
          { certificate: '', privateKey: '' },
          { certificate: server.privateKey, privateKey: server.certificate },
        ]) {
          const connection = { ...trusting(), clientCertificate };
          const sent = open().send(request(url, { connection }));
          await expect(sent).rejects.toMatchObject(failsWith('credential_unavailable', { problem: 'key' }));
          await sent.catch((error) => expectUntold(error, ...Object.values(clientCertificate)));
        }
        expect(clients).toEqual([]);
      });

      it('of any text at all fails the call in a known way', async () => {
        const up = open();
        const url = new URL('https://127.0.0.1:9999/');
        const text = fc.oneof(fc.string(), fc.constant(server.certificate), fc.constant(server.privateKey));
        await fc.assert(
          fc.asyncProperty(text, text, text, async (caCertificates, certificate, privateKey) => {
            const connection = { caCertificates, clientCertificate: { certificate, privateKey } };
            const sent = up.send(request(url, { connection }));
            await expect(sent).rejects.toMatchObject({
              failure: {
                code: expect.stringMatching(
                  /^(credential_unavailable|upstream_tls_failed|upstream_unreachable)$/,
                ),
              },
            });
          }),
          { numRuns: 50 },
        );
      });
    });

    describe('a connection', () => {
      it.runIf(keepsConnections)('is kept for calls with equal options', async () => {
        const { url, clients } = await strictAgent();
        const up = open();
        const kind = await as('one');
        for (let call = 0; call < 10; call++) {
          await textOf(await up.send(request(url, { connection: structuredClone(kind) })));
        }
        // Two take turns: the first is free again only a turn of the event loop after its answer.
        expect(clients.length).toBeLessThanOrEqual(2);
      });

      it('has its own time to be made in', async () => {
        const silent = open({ dial: () => new Promise(() => {}), connectTimeoutMs: 60_000 });
        const url = new URL('http://127.0.0.1:9999/');
        const sent = silent.send(request(url, { connection: { connectTimeoutMs: 50 } }));
        await expect(sent).rejects.toMatchObject(failsWith('upstream_timeout', { phase: 'connect' }));
      });

      it('of too many kinds goes on to the end of its calls, and is made anew for later ones', async () => {
        const held: ServerResponse[] = [];
        const holdingBack: Answer = (outgoing, client) => {
          outgoing.write(client);
          held.push(outgoing);
        };
        const { url } = await agent({ requestCert: true, rejectUnauthorized: false }, holdingBack);
        const up = open({ maxPools: 1 });
        const kinds = [await as('one'), await as('two'), await as('one')];
        const responses = [];
        for (const connection of kinds) responses.push(await up.send(request(url, { connection })));
        for (const outgoing of held) outgoing.end(' to the end');
        expect(await Promise.all(responses.map(textOf))).toEqual([
          'one to the end',
          'two to the end',
          'one to the end',
        ]);
      });

      it('of too many kinds ends with the upstream', async () => {
        const { url } = await agent({}, (outgoing) => outgoing.write('first'));
        const up = open({ maxPools: 1 });
        const one = await up.send(request(url, { connection: trusting() }));
        const two = await up.send(request(url, { connection: { ...trusting(), connectTimeoutMs: 9_000 } }));
        const ended = Promise.allSettled([one.bytes(100), two.bytes(100)]);
        await up.close();
        const over = { reason: failsWith('shutting_down') };
        expect(await ended).toMatchObject([over, over]);
        const late = up.send(request(url, { connection: { connectTimeoutMs: 8_000 } }));
        await expect(late).rejects.toMatchObject(failsWith('shutting_down'));
      });

      it('that failed is no bar to one that is made well', async () => {
        const { url } = await strictAgent();
        const up = open();
        const good = await as('one');
        const bad = { ...good, clientCertificate: { certificate: 'none', privateKey: 'none' } };
        const calls = [bad, good, bad, good].map((connection) => up.send(request(url, { connection })));
        const codes = (await Promise.allSettled(calls)).map(({ status }) => status);
        expect(codes).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
      });
    });
  });
}

function clientOf(socket: TLSSocket): string {
  const { subject } = socket.getPeerCertificate();
  return subject === undefined ? 'nobody' : String(subject.CN);
}

/** Nothing of a secret is in an error, at any depth. */
function expectUntold(error: unknown, ...secrets: string[]): void {
  const told = inspect(error, { depth: 10, showHidden: true });
  for (const secret of secrets) {
    for (const line of secret.split('\n')) if (line.length > 8) expect(told).not.toContain(line);
  }
}
