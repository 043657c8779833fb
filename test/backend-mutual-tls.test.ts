import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindings, call, expectRefusal, success } from './support/bindings.ts';
import { type Issued, selfSigned } from './support/certificates.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { cardAt } from './support/scripted-agent.ts';

/** A backend that lets nobody in without a client certificate it knows. */

let gateway: TestGateway;
/** Lets in who presents one of the certificates it knows, and says whose it was. */
let backend: Server;
let backendUrl: string;
let own: Issued;
let other: Issued;
let serverPair: Issued;

beforeAll(async () => {
  [own, other, serverPair] = await Promise.all([
    selfSigned('own'),
    selfSigned('other'),
    selfSigned('server'),
  ]);
  gateway = await startGateway({ registration: null });
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'read'] });
  const { certificate: cert, privateKey: key } = serverPair;
  backend = createServer(
    { cert, key, ca: [own.certificate, other.certificate], requestCert: true, rejectUnauthorized: true },
    (incoming, response) => {
      // A TLS server's sockets are TLS sockets.
      const { subject } = (incoming.socket as TLSSocket).getPeerCertificate();
      response.setHeader('content-type', 'application/json');
      response.end(success(incoming.url === '/rpc' ? 'JSON-RPC' : 'HTTP+JSON', { known: subject.CN }));
    },
  );
  await new Promise<void>((resolve) => backend.listen(0, '127.0.0.1', resolve));
  backendUrl = `https://127.0.0.1:${(backend.address() as AddressInfo).port}`;
  gateway.agent.card(cardAt(backendUrl));
});
afterAll(async () => {
  await gateway.close();
  backend.closeAllConnections();
  backend.close();
});

function registerAt(agentId: string, authConfig: Record<string, unknown>): Promise<void> {
  const caCertificates = serverPair.certificate;
  return register(gateway, { agentId, backendUrl, caCertificates, authConfig });
}

describe('a backend that wants a client certificate', () => {
  it.each(bindings)('lets in each agent by its own in %s, calls of both mixed', async (binding) => {
    const agents = { own: `own-${binding.length}`, other: `other-${binding.length}` };
    await registerAt(agents.own, { type: 'mutual_tls', ...own });
    await registerAt(agents.other, { type: 'none', mutualTls: other });
    const names = Array.from({ length: 10 }, (_, at) =>
      at % 2 === 0 ? ('own' as const) : ('other' as const),
    );
    const answers = await Promise.all(
      names.map(async (name) => {
        const response = await call(gateway, binding, 'GetTask', { agentId: agents[name] });
        return response.text();
      }),
    );
    expect(answers).toEqual(names.map((known) => success(binding, { known })));
  });

  it.each(bindings)('lets nobody in without one in %s', async (binding) => {
    const agentId = `bare-${binding.length}`;
    await registerAt(agentId, { type: 'none' });
    const response = await call(gateway, binding, 'GetTask', { agentId });
    await expectRefusal(response, binding, 'UPSTREAM_TLS_FAILED');
  });

  it.each(bindings)('lets nobody in with one it does not know in %s', async (binding) => {
    const agentId = `stranger-${binding.length}`;
    await registerAt(agentId, { type: 'mutual_tls', ...(await selfSigned('stranger')) });
    const response = await call(gateway, binding, 'GetTask', { agentId });
    // A server on Node hangs up without the alert that others send.
    await expectRefusal(response, binding, 'UPSTREAM_RESET');
  });

  it('with a key that is of another certificate is not called', async () => {
    await registerAt('mixed', { type: 'mutual_tls', ...own, privateKey: other.privateKey });
    const response = await call(gateway, 'HTTP+JSON', 'GetTask', { agentId: 'mixed' });
    await expectRefusal(response, 'HTTP+JSON', 'CREDENTIAL_UNAVAILABLE', { problem: 'key' });
  });
});
