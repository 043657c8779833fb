import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientSecretIn, parseSampleAgent, registrationOf } from './sample-agent.ts';

const authConfig = {
  type: 'oauth2_client_credentials',
  tokenUrl: 'https://login.example.com/token',
  clientId: 'gateway',
  clientSecretArn: 'arn:aws:secretsmanager:us-east-1:1:secret:a2a-gateway/billing/oauth-credentials-AbCdEf',
  scopes: ['invoke'],
};

const row = {
  agentId: 'billing',
  name: 'Billing',
  backendUrl: 'https://billing.example.com',
  agentCardUrl: 'https://billing.example.com/.well-known/agent-card.json',
  status: 'active',
  authConfig,
};

function skippedBecause(members: Record<string, unknown>): string {
  const parsed = parseSampleAgent({ ...row, ...members });
  return 'skipped' in parsed ? parsed.skipped : 'not skipped';
}

describe('a row of the agent table', () => {
  it('becomes a registration', () => {
    const parsed = parseSampleAgent(row);
    if ('skipped' in parsed) throw new Error(parsed.skipped);
    expect(registrationOf(parsed.value, 's')).toEqual({
      agentId: 'billing',
      agentCardUrl: row.agentCardUrl,
      backendUrl: row.backendUrl,
      authConfig: {
        type: 'oauth2_client_credentials',
        tokenUrl: authConfig.tokenUrl,
        clientId: 'gateway',
        clientSecret: 's',
        scopes: ['invoke'],
      },
    });
  });

  it.each([
    ['active', true],
    ['inactive', false],
    ['ACTIVE', false],
    [undefined, false],
  ])('is active only where the sample serves it: %s', (status, isActive) => {
    expect(parseSampleAgent({ ...row, status })).toMatchObject({ value: { isActive } });
  });

  it('may have no scopes', () => {
    const without = { ...authConfig, scopes: undefined };
    expect(parseSampleAgent({ ...row, authConfig: without })).toMatchObject({ value: { scopes: [] } });
  });

  it.each([
    [{ agentId: undefined }, /no agentId/],
    [{ agentId: 7 }, /no agentId/],
    [{ agentId: 'Billing_Agent' }, /agentId/],
    [{ agentId: '../permissions' }, /agentId/],
    [{ agentId: '*' }, /agentId/],
    [{ agentCardUrl: '' }, /agentCardUrl/],
    [{ backendUrl: null }, /backendUrl/],
    [{ authConfig: undefined }, /authConfig is missing/],
    [{ authConfig: { ...authConfig, type: 'api_key' } }, /type/],
    [{ authConfig: { ...authConfig, tokenUrl: 1 } }, /tokenUrl/],
    [{ authConfig: { ...authConfig, clientId: '' } }, /clientId/],
    [{ authConfig: { ...authConfig, clientSecretArn: undefined } }, /clientSecretArn/],
    [{ authConfig: { ...authConfig, scopes: 'invoke' } }, /scopes/],
  ])('is skipped for %j', (members, reason) => {
    expect(skippedBecause(members)).toMatch(reason);
  });

  it.each([
    ['https://bedrock-agentcore.us-east-1.amazonaws.com', {}],
    ['https://vpce-1.bedrock-agentcore.eu-west-1.vpce.amazonaws.com', 'endpointUrl'],
  ])('at AgentCore is known by its runtime: %s', (origin, endpoint) => {
    const agentRuntimeArn = 'arn:aws:bedrock-agentcore:us-east-1:123456789012:runtime/booking-a1';
    const backendUrl = `${origin}/runtimes/${encodeURIComponent(agentRuntimeArn)}/invocations?qualifier=LIVE`;
    const backend = { type: 'agentcore', agentRuntimeArn, qualifier: 'LIVE' };
    const place = { backend: endpoint === 'endpointUrl' ? { ...backend, endpointUrl: origin } : backend };
    for (const members of [{ backendUrl }, { agentCardUrl: backendUrl }]) {
      const parsed = parseSampleAgent({ ...row, ...members });
      if ('skipped' in parsed) throw new Error(parsed.skipped);
      expect(parsed.value.place).toEqual(place);
      expect(registrationOf(parsed.value, 's')).toMatchObject(place);
    }
  });

  it.each([
    'https://bedrock-agentcore.us-east-1.amazonaws.com/runtimes/x/invocations',
    'https://bedrock-agentcore.us-east-1.amazonaws.com/runtimes/arn%3/invocations',
    'https://bedrock-agentcore.us-east-1.amazonaws.com/',
  ])('at AgentCore is skipped where nothing names its runtime: %s', (backendUrl) => {
    expect(skippedBecause({ backendUrl })).toMatch(/AgentCore/);
  });

  it('is not taken for AgentCore by its path', () => {
    expect(skippedBecause({ backendUrl: 'https://a.example/bedrock-agentcore' })).toBe('not skipped');
  });

  it('never throws, whatever its shape', () => {
    const member = fc.oneof(fc.anything(), fc.constantFrom(...Object.values(row)));
    const shapes = fc.record(
      { agentId: member, agentCardUrl: member, backendUrl: member, status: member, authConfig: member },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.anything(), shapes), (given) => {
        const parsed = parseSampleAgent(given);
        if ('skipped' in parsed) expect(parsed.skipped).not.toBe('');
        else expect(parsed.value.agentId).toMatch(/^[a-z0-9-]{1,63}$/);
      }),
    );
  });
});

describe("the sample's secret", () => {
  it('is the clientSecret of a JSON object', () => {
    expect(clientSecretIn('{"clientSecret":"s"}')).toBe('s');
  });

  it.each([undefined, '', 's', '[]', '{}', '{"clientSecret":""}', '{"clientSecret":1}', 'null'])(
    'is none in %j',
    (text) => {
      expect(clientSecretIn(text)).toBeUndefined();
    },
  );
});
