import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { parseSettings } from '../src/config.ts';
import { createLog } from '../src/runtimes/node/log.ts';
import { serve } from '../src/runtimes/node/serve.ts';
import { reportCpu } from './cpu.ts';

/** The gateway as `serve` runs it, with an issuer of its own, the agent registered and permitted. */
const agentUrl = process.argv[2] ?? '';
const dataDir = mkdtempSync(join(tmpdir(), 'a2a-bench-'));
process.on('exit', () => rmSync(dataDir, { recursive: true, force: true }));

const { publicKey, privateKey } = await generateKeyPair('RS256');
const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'bench', alg: 'RS256' }] });
const issuer = createServer((_, response) =>
  response.setHeader('content-type', 'application/json').end(keys),
);
await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
const issuerUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;

function token(scope: string): Promise<string> {
  return new SignJWT({ scope, client_id: 'bench' })
    .setProtectedHeader({ alg: 'RS256', kid: 'bench', typ: 'at+jwt' })
    .setIssuer(issuerUrl)
    .setAudience('bench')
    .setSubject('bench')
    .setExpirationTime('1h')
    .sign(privateKey);
}

const settings = parseSettings(
  {
    publicUrl: 'http://127.0.0.1:1',
    issuers: [{ issuer: issuerUrl, jwksUrl: issuerUrl, audiences: ['bench'] }],
    upstream: { allowHttp: true, allowAddresses: ['127.0.0.0/8'] },
    listen: { port: 0 },
    dataDir,
  },
  {},
);
const { url } = await serve(settings, createLog(settings.log.level));

const headers = {
  authorization: `Bearer ${await token('gateway:admin')}`,
  'content-type': 'application/json',
};
const registration = { agentId: 'bench', agentCardUrl: `${agentUrl}/.well-known/agent-card.json` };
await fetch(`${url}/admin/agents`, { method: 'POST', headers, body: JSON.stringify(registration) });
const permission = { allowedAgents: ['bench'], operations: ['send', 'stream'] };
await fetch(`${url}/admin/permissions/demo`, { method: 'PUT', headers, body: JSON.stringify(permission) });

reportCpu();
process.send?.({ url: `${url}/agents/bench`, token: await token('demo') });
