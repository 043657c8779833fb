import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { register, startGateway, type TestGateway } from '../support/gateway.ts';
import { type Caller, ownerCaller, readAgent, refusalOf } from '../support/management.ts';
import { cardAt, type ScriptedAgent, startScriptedAgent } from '../support/scripted-agent.ts';

/** An owner whose agent was lent the gateway's authority, or its callers', turns it to something else. */

let gateway: TestGateway;
let evil: ScriptedAgent;
let olga: Caller;
let agents = 0;

const lent: readonly (readonly [string, () => Record<string, unknown>])[] = [
  ['an identity of the gateway', () => ({ type: 'gateway_identity' })],
  ['one beside another credential', () => ({ type: 'none', gatewayIdentity: { header: 'x-id' } })],
  ["the gateway's role on AWS", () => ({ type: 'aws_sigv4', region: 'eu-west-1', service: 'execute-api' })],
];
const exchanged = (): Record<string, unknown> => ({
  type: 'oauth2_token_exchange',
  tokenUrl: `${gateway.issuer.issuer}/token`,
  clientId: 'gateway',
  clientSecret: 'a-secret',
});

beforeAll(async () => {
  [gateway, evil] = await Promise.all([startGateway({ registration: null }), startScriptedAgent()]);
  olga = await ownerCaller(gateway, 'olga');
});
afterAll(() => Promise.all([gateway.close(), evil.close()]));
beforeEach(() => {
  evil.card(cardAt(evil.url));
  evil.seen.splice(0);
});

/** An approved agent of hers. */
async function newAgent(authConfig: Record<string, unknown>): Promise<string> {
  const agentId = `agent-${++agents}`;
  await register(gateway, { agentId, owner: 'olga', authConfig });
  return agentId;
}

function change(agentId: string, body: unknown): Promise<Response> {
  return olga('PATCH', `/admin/agents/${agentId}`, body, { 'if-match': '*' });
}

const notHers = { status: 403, reason: 'SCOPE_MISSING', metadata: { scope: 'gateway:admin' } };
const anyCertificate =
  '-----BEGIN CERTIFICATE-----\nMCkwJwIBATAAMAAwHhcNMjYwMTAxMDAwMDAwWhcNMjcwMTAxMDAwMDAwWg==\n-----END CERTIFICATE-----\n';

describe.each(lent)('%s', (_, authConfig) => {
  it('is not asked for by an owner, be it to see what would happen', async () => {
    const body = { agentId: 'hers', agentCardUrl: evil.cardUrl, authConfig: authConfig() };
    expect(await refusalOf(olga('POST', '/admin/agents', body))).toEqual(notHers);
    expect(await refusalOf(olga('POST', '/admin/agents?validateOnly=true', body))).toEqual(notHers);
    expect(await evil.openConnections()).toBe(0);
  });

  it('is not turned to another address', async () => {
    const agentId = await newAgent(authConfig());
    const { agent } = await readAgent(gateway, agentId);
    for (const body of [
      { agentCardUrl: evil.cardUrl },
      { agentCardUrl: `${gateway.agent.cardUrl}?another` },
      { backendUrl: evil.url },
      { backend: { type: 'http', authenticateCard: true } },
      { backend: { type: 'http', urls: [{ url: gateway.agent.url }, { url: evil.url }] } },
    ])
      expect([400, 403]).toContain((await change(agentId, body)).status);
    expect((await readAgent(gateway, agentId)).agent).toEqual(agent);
    expect(await evil.openConnections()).toBe(0);
  });

  it('is not shown to whoever an authority of the owner vouches for, before somebody approves', async () => {
    const agentId = await newAgent(authConfig());
    const answer = await change(agentId, { caCertificates: anyCertificate });
    expect(await answer.json()).toMatchObject({ status: 'pending' });
  });
});

describe("callers' tokens", () => {
  it('do not go to whoever an authority of the owner vouches for, before somebody approves', async () => {
    const agentId = await newAgent({ ...exchanged(), useMutualTls: true });
    const answer = await change(agentId, { caCertificates: anyCertificate });
    expect(await answer.json()).toMatchObject({ status: 'pending' });
  });

  it('do not go to another token endpoint, be it by way of a harmless credential', async () => {
    const agentId = await newAgent({ type: 'none' });
    const answer = await change(agentId, { authConfig: { ...exchanged(), tokenUrl: `${evil.url}/token` } });
    expect(await answer.json()).toMatchObject({ status: 'pending' });
  });
});

describe("an owner's own credential", () => {
  it('may be shown to whoever the owner trusts', async () => {
    const agentId = await newAgent({ type: 'bearer', token: 'hers' });
    const answer = await change(agentId, { caCertificates: anyCertificate });
    expect(await answer.json()).toMatchObject({ status: 'active' });
  });
});

describe('what looks like a configuration', () => {
  const members: readonly (readonly [string, string])[] = [
    ['authConfig', '{"type":"bearer","token":"t","secretName":"agents/agent-1/x"}'],
    ['authConfig', '{"type":"bearer","token":"t","secretMembers":["token"]}'],
    ['authConfig', '{"type":"none","secretName":"agents/agent-1/x","secretMembers":[]}'],
    ['authConfig', '{"type":"none","gatewayIdentity":{"type":"bearer","header":"x-id"}}'],
    ['authConfig', '{"type":"none","gatewayIdentity":{"secretName":"x","header":"x-id"}}'],
    ['authConfig', '{"type":"bearer","token":"t","__proto__":{"type":"gateway_identity"}}'],
    ['authConfig', '{"type":"none","__proto__":{"gatewayIdentity":{"header":"x-id"}}}'],
    ['authConfig', '{"type":"none","constructor":{"prototype":{}}}'],
    ['authConfig', '{"type":"__proto__"}'],
    ['authConfig', '{"type":"constructor"}'],
    ['authConfig', '{"type":"hasOwnProperty"}'],
    ['backend', '{"type":"http","__proto__":{"urls":[{"url":"http://127.0.0.1:1"}]}}'],
    ['backend', '{"type":"http","functionArn":"x"}'],
    ['backend', '{"type":"toString"}'],
    ['backend', '{"__proto__":{"type":"http"}}'],
  ];

  it.each(members)('and is none is refused: %s %s', async (member, text) => {
    const body = `{"agentId":"odd","agentCardUrl":"${gateway.agent.cardUrl}","${member}":${text}}`;
    for (const query of ['', '?validateOnly=true']) {
      const answer = await gateway.admin('POST', `/admin/agents${query}`, body);
      expect(await refusalOf(answer)).toMatchObject({ status: 400, reason: 'PARAMETER_INVALID' });
    }
  });

  it.each([
    ['backend', 'urls', (url: string) => ({ type: 'http', urls: [{ url }] })],
    ['backend', 'functionUrl', (url: string) => ({ type: 'lambda_url', functionUrl: url })],
  ])('and names an address behind another is refused: %s.%s', async (_, __, backend) => {
    const url = gateway.agent.url.replace('http://', 'http://trusted.example@');
    const agentCardUrl = gateway.agent.cardUrl;
    const answer = gateway.admin('POST', '/admin/agents', {
      agentId: 'odd',
      agentCardUrl,
      backend: backend(url),
    });
    expect(await refusalOf(answer)).toMatchObject({ status: 400, reason: 'PARAMETER_INVALID' });
  });
});
