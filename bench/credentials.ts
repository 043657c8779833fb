import { exportPKCS8, generateKeyPair } from 'jose';
import { generate } from 'selfsigned';
import { sendBody } from './messages.ts';
import { type Contestant, measure, start } from './turns.ts';

/** What each kind of credential costs a call once it is warm, against none in the same run; see README.md beside this file. */

type Name = Parameters<typeof generate>[0];

const named = (value: string): Name => [{ name: 'commonName', value }];
// OpenSSL takes no SHA-1, which is what the library signs with unless told.
const modern = { keyType: 'ec', algorithm: 'sha256' } as const;
const authority = await generate(named('bench authority'), {
  ...modern,
  extensions: [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, critical: true },
  ],
});
const ca = { key: authority.private, cert: authority.cert };
const server = await generate(named('localhost'), {
  ...{ ...modern, ca },
  extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
});
const client = await generate(named('gateway'), { ...modern, ca });
const key = await generateKeyPair('ES256', { extractable: true });
const privateKey = await exportPKCS8(key.privateKey);

const tls = { cert: server.cert, key: server.private };
const plain = await start('agent');
const secure = await start('agent', JSON.stringify(tls));
const mutual = await start('agent', JSON.stringify({ ...tls, ca: authority.cert }));
const { child: tokens, ready } = await start('token-endpoint');
const endpoint = { tokenUrl: ready.url, clientId: 'gateway', clientSecret: 'bench' };

/** Where the agent is, and what it is presented with. The first of each place is what the others are held against. */
const kinds: readonly [string, typeof plain, Record<string, unknown>][] = [
  ['none', plain, { type: 'none' }],
  ['bearer', plain, { type: 'bearer', token: 'b'.repeat(800) }],
  ['api_key', plain, { type: 'api_key', in: 'header', name: 'x-api-key', apiKey: 'bench' }],
  ['basic', plain, { type: 'basic', username: 'gateway', password: 'bench' }],
  ['oauth2_client_credentials', plain, { type: 'oauth2_client_credentials', ...endpoint }],
  ['oauth2_token_exchange', plain, { type: 'oauth2_token_exchange', ...endpoint }],
  [
    'oauth2_jwt_bearer',
    plain,
    {
      type: 'oauth2_jwt_bearer',
      ...{ tokenUrl: ready.url, issuer: 'gateway', subject: 'gateway', audience: ready.url },
      ...{ algorithm: 'ES256', privateKey },
    },
  ],
  [
    'aws_sigv4',
    plain,
    {
      type: 'aws_sigv4',
      ...{ region: 'eu-central-1', service: 'execute-api' },
      ...{ accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'bench' },
    },
  ],
  ['gateway_identity', plain, { type: 'gateway_identity' }],
  ['none over TLS', secure, { type: 'none' }],
  ['mutual_tls', mutual, { type: 'mutual_tls', certificate: client.cert, privateKey: client.private }],
];

const registrations = kinds.map(([, { ready }, authConfig], index) => ({
  agentId: `bench-${index}`,
  agentCardUrl: `${ready.url}/.well-known/agent-card.json`,
  authConfig,
  // The card of the agent that demands a certificate is fetched with one.
  ...(authConfig.type === 'mutual_tls' && { backend: { type: 'http', authenticateCard: true } }),
}));
const gateway = await start('gateway', JSON.stringify({ registrations, ca: authority.cert }));
const contestants = kinds.map(([name], index): Contestant => {
  const authorization = `Bearer ${gateway.ready.token}`;
  return {
    name,
    process: gateway.child,
    url: `${gateway.ready.url}/agents/bench-${index}`,
    headers: { 'content-type': 'application/json', 'a2a-version': '1.0', authorization },
  };
});

const results = await measure(contestants, { body: sendBody, check: (text) => text.includes('"result"') });
let base = results[0];
for (const [index, { callsPerSecond, cpuUsPerCall }] of results.entries()) {
  const name = kinds[index]?.[0] ?? '';
  if (name.startsWith('none')) base = results[index];
  if (base === undefined) throw new TypeError('there is nothing to hold it against');
  console.log(
    `${name.padEnd(26)} throughput ${(callsPerSecond / base.callsPerSecond).toFixed(2)}   ` +
      `CPU a call ${(cpuUsPerCall / base.cpuUsPerCall).toFixed(2)}   of none (${cpuUsPerCall.toFixed(0)} us)`,
  );
}
for (const child of [plain.child, secure.child, mutual.child, tokens, gateway.child]) child.disconnect();
