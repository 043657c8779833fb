import { aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { synthesise } from './synthesis.ts';
import { billingWith, clientSecretArn, seeded } from './variants.ts';

describe('seeds', () => {
  it('are there only where something is seeded', () => {
    expect(synthesise().all('Custom::A2AGatewaySeeds')).toEqual({});
  });

  it('say what to register and where secrets are, and no secret', () => {
    expect(
      synthesise((stack) => ({ ...seeded(stack), seedsRevision: '7' })).only('Custom::A2AGatewaySeeds'),
    ).toMatchObject({
      ServiceToken: { 'Fn::GetAtt': [expect.stringMatching(/^GatewaySeed/), 'Arn'] },
      Revision: '7',
      agents: [
        {
          agentId: 'echo',
          agentCardUrl: 'https://echo.example.com/card.json',
          publicCard: true,
          tags: [],
          authConfig: { type: 'none' },
        },
        {
          agentId: 'billing',
          tags: ['finance'],
          authConfig: {
            type: 'oauth2_client_credentials',
            tokenUrl: 'https://login.example.com/token',
            clientId: 'gateway',
            scopes: [],
            clientSecretArn,
          },
        },
      ],
      permissions: [
        {
          scope: 'finance',
          allowedAgents: ['tag:finance'],
          operations: ['send', 'stream', 'read', 'cancel'],
        },
      ],
    });
  });

  it('wait in a VPC for the ways out of it', () => {
    const { all } = synthesise((stack) => ({ endpointType: 'PRIVATE', ...seeded(stack) }));
    const [seeds] = Object.values(all('Custom::A2AGatewaySeeds'));
    expect(seeds?.DependsOn?.filter((id) => id.includes('Endpoint'))).not.toEqual([]);
  });

  it('bring no secret into the template, even of a secret of the same stack', () => {
    const { template } = synthesise((stack) => {
      // The CDK's types are not written for exactOptionalPropertyTypes.
      const clientSecret = new secretsmanager.Secret(stack, 'Secret') as secretsmanager.ISecret;
      return billingWith(clientSecret);
    });
    const text = JSON.stringify(template);
    expect(text).not.toContain('{{resolve:');
    expect(text).not.toMatch(/"(?:clientSecret|ClientSecret|SecretKey)"/);
  });
});
