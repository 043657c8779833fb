import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { parseSettings } from '../src/config.ts';
import { createLog } from '../src/runtimes/node/log.ts';
import { serve } from '../src/runtimes/node/serve.ts';
import { reportCpu } from './cpu.ts';

/** The gateway as `serve` runs it, with an issuer of its own, and the agents it is given registered and permitted. */
const { registrations, ca, control } = JSON.parse(process.argv[2] ?? '{}') as {
  registrations: readonly unknown[];
  /** PEM of an authority to trust. */
  ca?: string;
  /** `all`: every limit counted beside what is always on. `none`: no token, no limits, nothing recorded. Absent: as `serve` is. */
  control?: 'all' | 'none';
};
const controls = {
  all: {
    callerLimits: { requestsPerMinute: 1_000_000, requestsPerDay: 1_000_000_000, maxOpenStreams: 100_000 },
  },
  none: { testing: { anonymous: { scopes: ['demo'] } }, audit: { enabled: false } },
};
const dataDir = mkdtempSync(join(tmpdir(), 'a2a-bench-'));
process.on('exit', () => rmSync(dataDir, { recursive: true, force: true }));
const caFile = join(dataDir, 'ca.pem');
if (ca !== undefined) writeFileSync(caFile, ca);

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
    upstream: {
      allowHttp: true,
      allowAddresses: ['127.0.0.0/8'],
      ...(ca !== undefined && { caFile }),
    },
    listen: { port: 0 },
    dataDir,
    ...(control !== undefined && controls[control]),
  },
  {},
);
const { url } = await serve(settings, createLog(settings.log.level));

const headers = {
  authorization: `Bearer ${await token('gateway:admin')}`,
  'content-type': 'application/json',
};
async function send(method: string, path: string, body: unknown): Promise<void> {
  const answer = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) });
  if (answer.ok) return;
  // Only what goes to standard output is seen: the log goes elsewhere.
  console.log(await answer.text());
  process.exit(1);
}

for (const registration of registrations) await send('POST', '/admin/agents', registration);
await send('PUT', '/admin/permissions/demo', { allowedAgents: ['*'], operations: ['send', 'stream'] });

reportCpu();
process.send?.({ url, token: await token('demo') });
