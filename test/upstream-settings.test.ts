import { writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { parseSettings } from '../src/config.ts';
import type { Upstream } from '../src/ports.ts';
import { openUpstream, openWebhooks } from '../src/runtimes/upstream.ts';
import { createUpstream } from '../src/upstream/undici-upstream.ts';
import { createAuthority } from './support/certificates.ts';
import { connectProxy } from './support/connect-proxy.ts';
import { newFolder } from './support/process.ts';
import { listening, request, serving } from './support/upstream-servers.ts';

const least = {
  publicUrl: 'https://agents.example',
  issuers: [{ issuer: 'https://login.example', audiences: ['https://agents.example'] }],
};

/** The way out of a gateway that may call loopback, with these settings beside. */
function opened(environment: Record<string, string>): Upstream {
  const up = openUpstream(
    parseSettings(least, {
      A2A_GATEWAY_UPSTREAM_ALLOW_ADDRESSES: '127.0.0.0/8',
      A2A_GATEWAY_UPSTREAM_ALLOW_HTTP: 'true',
      ...environment,
    }),
    createUpstream,
  );
  onTestFinished(() => up.close());
  return up;
}

async function statusOf(up: Upstream, url: URL): Promise<number> {
  const response = await up.send(request(url));
  response.close();
  return response.status;
}

it('the settings of a proxy lead every call through it, with its credentials and its authority', async () => {
  const authority = await createAuthority();
  const caFile = join(newFolder(), 'proxy-ca.pem');
  writeFileSync(caFile, authority.certificate);
  const agent = await serving((_, outgoing) => outgoing.end());
  const authorization = `Basic ${Buffer.from('gateway:secret').toString('base64')}`;
  const { url, asked } = await connectProxy({ tls: await authority.issue(), authorization });
  url.username = 'gateway';
  url.password = 'secret';
  const up = opened({
    A2A_GATEWAY_UPSTREAM_PROXY_URL: url.href,
    A2A_GATEWAY_UPSTREAM_PROXY_CA_FILE: caFile,
    A2A_GATEWAY_UPSTREAM_PROXY_BYPASS_HOSTS: 'localhost',
  });
  expect(await statusOf(up, agent)).toBe(200);
  expect(await statusOf(up, new URL(`http://localhost:${agent.port}/`)).catch(String)).toBe(200);
  expect(asked.map(({ authority }) => authority)).toEqual([agent.host]);
});

it("the authority of agents is not the proxy's", async () => {
  const authority = await createAuthority();
  const caFile = join(newFolder(), 'agents-ca.pem');
  writeFileSync(caFile, authority.certificate);
  const { certificate: cert, privateKey: key } = await authority.issue();
  const agent = await listening(
    createServer({ cert, key }, (_, outgoing) => outgoing.end()),
    'https',
  );
  const { url } = await connectProxy();
  const up = opened({
    A2A_GATEWAY_UPSTREAM_CA_FILE: caFile,
    A2A_GATEWAY_UPSTREAM_PROXY_URL: url.href,
  });
  expect(await statusOf(up, agent)).toBe(200);
  const tls = await connectProxy({ tls: await authority.issue() });
  const behind = opened({
    A2A_GATEWAY_UPSTREAM_CA_FILE: caFile,
    A2A_GATEWAY_UPSTREAM_PROXY_URL: tls.url.href,
  });
  await expect(statusOf(behind, agent)).rejects.toMatchObject({ failure: { code: 'upstream_unreachable' } });
});

it('a proxy that cannot be one stops the start, and its URL is not told', () => {
  const wrong = { A2A_GATEWAY_UPSTREAM_PROXY_URL: 'http://gateway:secret@proxy.example/path' };
  expect(() => opened(wrong)).toThrow(expect.not.stringContaining('secret'));
  const none = { A2A_GATEWAY_UPSTREAM_PROXY_URL: 'socks5://gateway:secret@proxy.example' };
  expect(() => opened(none)).toThrow(expect.not.stringContaining('secret'));
});

it('webhooks are called by rules of their own, through the same proxy', async () => {
  const agent = await serving((_, outgoing) => outgoing.end());
  const { url, asked } = await connectProxy({});
  const environment = {
    A2A_GATEWAY_UPSTREAM_ALLOW_HTTP: 'true',
    A2A_GATEWAY_UPSTREAM_ALLOW_ADDRESSES: '127.0.0.0/8',
    A2A_GATEWAY_UPSTREAM_PROXY_URL: url.href,
  };
  const webhooks = (more: Record<string, string> = {}) => {
    const up = openWebhooks(parseSettings(least, { ...environment, ...more }), createUpstream);
    onTestFinished(() => up.close());
    return up;
  };
  expect(webhooks().refusal(agent)).toBe('scheme');
  expect(webhooks({ A2A_GATEWAY_PUSH_UPSTREAM_ALLOW_HTTP: 'true' }).refusal(agent)).toBe('address:loopback');
  const open = webhooks({
    A2A_GATEWAY_PUSH_UPSTREAM_ALLOW_HTTP: 'true',
    A2A_GATEWAY_PUSH_UPSTREAM_ALLOW_ADDRESSES: '127.0.0.0/8',
  });
  expect(await statusOf(open, agent)).toBe(200);
  expect(asked.map(({ authority }) => authority)).toEqual([agent.host]);
});
