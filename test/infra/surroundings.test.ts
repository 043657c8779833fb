import { describe, expect, it } from 'vitest';
import { altered } from './altered.ts';
import { environmentOf, synthesise, textOf } from './synthesis.ts';
import { variants } from './variants.ts';

const standard = synthesise();
const other = synthesise(altered);

describe('identity', () => {
  it('is a pool without users, whose clients have the one grant and no password', () => {
    expect(standard.only('AWS::Cognito::UserPool').AdminCreateUserConfig.AllowAdminCreateUserOnly).toBe(true);
    for (const synthesis of [standard, other])
      for (const { Properties } of Object.values(synthesis.all('AWS::Cognito::UserPoolClient')))
        expect(Properties).toMatchObject({
          AllowedOAuthFlows: ['client_credentials'],
          ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
          GenerateSecret: true,
        });
  });

  it('gives no client gateway:admin unless it is asked to', () => {
    const scopes = standard.only('AWS::Cognito::UserPoolClient').AllowedOAuthScopes.map(textOf);
    expect(scopes).toEqual([expect.stringMatching(/\/gateway:register$/)]);
    const admin = other.only('AWS::Cognito::UserPoolClient', 'Clientadmin').AllowedOAuthScopes.map(textOf);
    expect(admin).toEqual([expect.stringMatching(/\/gateway:admin$/), expect.stringMatching(/\/finance$/)]);
  });

  it('names scopes, resource server and domain as it is told', () => {
    const server = other.only('AWS::Cognito::UserPoolResourceServer');
    expect(server.Identifier).toBe('agents');
    expect(server.Scopes.map(({ ScopeName }: { ScopeName: string }) => ScopeName)).toEqual([
      'gateway:admin',
      'gateway:register',
      'finance',
    ]);
    expect(other.only('AWS::Cognito::UserPoolDomain').Domain).toBe('my-agents');
    expect(textOf(standard.only('AWS::Cognito::UserPoolDomain').Domain)).toBe(
      'a2a-gateway-default-<AWS::AccountId>',
    );
    expect(environmentOf(other, 'Authorizer').A2A_GATEWAY_ISSUERS).toContain('"scopePrefix":"agents/"');
  });

  it('is left to given issuers', () => {
    const issuers = [{ issuer: 'https://login.example.com', audiences: ['agents'] }];
    const given = synthesise({ issuers, publicUrl: 'https://agents.example.com' });
    expect(given.all('AWS::Cognito::UserPool')).toEqual({});
    expect(JSON.parse(environmentOf(given, 'Authorizer').A2A_GATEWAY_ISSUERS ?? '')).toEqual(issuers);
    expect(given.gateway.identity).toBeUndefined();
  });
});

describe('the way in', () => {
  it('is the API’s own host, with WAF before it', () => {
    expect(standard.only('AWS::ApiGateway::RestApi')).toMatchObject({
      DisableExecuteApiEndpoint: false,
      EndpointConfiguration: { Types: ['REGIONAL'] },
    });
    const [rate, common] = standard.only('AWS::WAFv2::WebACL').Rules;
    expect(rate.Statement.RateBasedStatement.Limit).toBe(30_000);
    const counted = common.Statement.ManagedRuleGroupStatement.RuleActionOverrides;
    expect(counted).toContainEqual({ Name: 'SizeRestrictions_BODY', ActionToUse: { Count: {} } });
    expect(textOf(standard.only('AWS::WAFv2::WebACLAssociation').ResourceArn)).toMatch(
      /\/stages\/<GatewayApi/,
    );
  });

  it('is the custom domain alone where there is one', () => {
    expect(other.only('AWS::ApiGateway::RestApi').DisableExecuteApiEndpoint).toBe(true);
    expect(other.only('AWS::ApiGateway::DomainName')).toMatchObject({
      DomainName: 'agents.example.com',
      SecurityPolicy: 'TLS_1_2',
    });
    expect(other.only('AWS::ApiGateway::BasePathMapping').BasePath).toBe('a2a');
    expect(other.only('AWS::Route53::RecordSet').Name).toBe('agents.example.com.');
    expect(other.only('AWS::WAFv2::WebACL').Rules[0].Statement.RateBasedStatement.Limit).toBe(700);
    expect(other.only('AWS::ApiGateway::Stage')).toMatchObject({
      StageName: 'live',
      MethodSettings: [
        expect.objectContaining({ ThrottlingRateLimit: 5, ThrottlingBurstLimit: 6, LoggingLevel: 'ERROR' }),
      ],
    });
  });

  it('has no WAF where it is switched off, and one in a private API where it is on', () => {
    expect(synthesise({ waf: false }).all('AWS::WAFv2::WebACL')).toEqual({});
    expect(
      Object.keys(synthesise({ waf: true, endpointType: 'PRIVATE' }).all('AWS::WAFv2::WebACL')),
    ).toHaveLength(1);
  });

  it('sets the account’s role for logs only where it is asked to', () => {
    expect(standard.all('AWS::ApiGateway::Account')).toEqual({});
    expect(Object.keys(other.all('AWS::ApiGateway::Account'))).toHaveLength(1);
    const [stage] = Object.values(other.all('AWS::ApiGateway::Stage'));
    expect(stage?.DependsOn).toContainEqual(expect.stringMatching(/^GatewayAccount/));
  });
});

describe('alarms and dashboard', () => {
  it('go to the topic that is made, and nowhere without one', () => {
    for (const { Properties } of Object.values(standard.all('AWS::CloudWatch::Alarm')))
      expect(Properties.AlarmActions).toBeUndefined();
    for (const { Properties } of Object.values(other.all('AWS::CloudWatch::Alarm')))
      expect(Properties.AlarmActions).toEqual([{ Ref: expect.stringMatching(/^GatewayAlarmTopic/) }]);
    expect(other.only('AWS::SNS::Subscription')).toMatchObject({
      Protocol: 'email',
      Endpoint: 'operators@example.com',
    });
    const given = synthesise(variants['given key, topic and name of a secret']);
    const [alarm] = Object.values(given.all('AWS::CloudWatch::Alarm'));
    expect(alarm?.Properties.AlarmActions).toEqual(['arn:aws:sns:eu-central-1:111111111111:alarms']);
  });

  it('watch what callers feel and what parts fail', () => {
    const ids = Object.keys(standard.all('AWS::CloudWatch::Alarm')).map((id) =>
      id.replace(/^Gateway(\w+)Alarm\w{8}$/, '$1'),
    );
    expect(ids.sort()).toEqual([
      'AuditFailures',
      'AuthorizerFailures',
      'AuthorizerThrottles',
      'DataPlaneErrors',
      'DataPlaneThrottles',
      'IndexBehind',
      'IndexDeadLetters',
      'IndexQueueAge',
      'IndexerErrors',
      'Latency',
      'LimitsNotCounted',
      'MaintenanceErrors',
      'ManagementErrors',
      'ManagementThrottles',
      'PushDeadLetters',
      'PushErrors',
      'PushQueueAge',
      'PushThrottles',
      'SearchLatency',
      'SearchesFailed',
      'ServerErrors',
      'TableThrottles',
      'TableUserErrors',
    ]);
    expect(standard.only('AWS::CloudWatch::Alarm', 'GatewayLatency')).toMatchObject({
      Namespace: 'A2AGateway',
      MetricName: 'DurationMs',
      ExtendedStatistic: 'p95',
      Threshold: 10_000,
      Dimensions: [{ Name: 'Environment', Value: 'default' }],
    });
    expect(other.only('AWS::CloudWatch::Alarm', 'GatewayLatency').Threshold).toBe(3_000);
  });

  it('show the gateway’s own metrics', () => {
    const body = textOf(standard.only('AWS::CloudWatch::Dashboard').DashboardBody);
    for (const name of [
      'Requests',
      'Errors',
      'Refusals',
      'DurationMs',
      'StreamBytes',
      'StreamsEnded',
      'StreamsBroken',
    ])
      expect(body).toContain(`["A2AGateway","${name}","Environment","default"`);
    expect(() => JSON.parse(body)).not.toThrow();
  });
});
