import {
  App,
  aws_apigateway as apigateway,
  Duration,
  aws_events as events,
  aws_kms as kms,
  aws_logs as logs,
  RemovalPolicy,
  aws_route53 as route53,
  Stack,
  aws_secretsmanager as secretsmanager,
} from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { A2AGateway, type A2AGatewayProps } from '../../infra/index.ts';
import { parseSettings } from '../../src/config.ts';
import { bundlesPath, synthesise, textOf } from './synthesis.ts';
import { billingWith, clientSecretArn, seeded, variants } from './variants.ts';

const standard = synthesise();
const altered = synthesise((stack) => ({
  environment: 'staging',
  tags: { Owner: 'platform' },
  domainName: 'agents.example.com',
  certificateArn: 'arn:aws:acm:eu-central-1:111111111111:certificate/11111111-2222-3333-4444-555555555555',
  basePath: 'a2a',
  hostedZone: route53.HostedZone.fromHostedZoneAttributes(stack, 'Zone', {
    hostedZoneId: 'Z1',
    zoneName: 'example.com',
  }),
  stageName: 'live',
  throttlingRateLimit: 5,
  throttlingBurstLimit: 6,
  wafRateLimit: 700,
  resourceServerIdentifier: 'agents',
  scopes: ['finance'],
  clients: [
    { name: 'admin', scopes: ['gateway:admin', 'finance'] },
    { name: 'alice', scopes: ['finance'] },
  ],
  cognitoDomainPrefix: 'my-agents',
  authorizerMemorySize: 300,
  dataPlaneMemorySize: 301,
  managementMemorySize: 302,
  authorizerReservedConcurrentExecutions: 1,
  dataPlaneReservedConcurrentExecutions: 2,
  managementReservedConcurrentExecutions: 3,
  maintenanceSchedule: events.Schedule.rate(Duration.hours(6)),
  settings: { A2A_GATEWAY_LIMITS_MAX_BODY_BYTES: '2048' },
  removalPolicy: RemovalPolicy.DESTROY,
  logRetention: logs.RetentionDays.ONE_WEEK,
  logLevel: 'debug',
  executionLogging: apigateway.MethodLoggingLevel.ERROR,
  cloudWatchRole: true,
  alarmEmail: 'operators@example.com',
  latencyThreshold: Duration.seconds(3),
  corsAllowOrigins: ['https://one.example', 'https://two.example'],
  ...seeded(stack),
  seedsRevision: '7',
}));

describe('the table and the key', () => {
  it('are on demand, sealed, recoverable and kept', () => {
    expect(standard.only('AWS::DynamoDB::Table')).toMatchObject({
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      TimeToLiveSpecification: { AttributeName: 'expiresAtSeconds', Enabled: true },
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
      DeletionProtectionEnabled: true,
    });
    for (const type of [
      'AWS::DynamoDB::Table',
      'AWS::KMS::Key',
      'AWS::Logs::LogGroup',
      'AWS::Cognito::UserPool',
    ])
      for (const { DeletionPolicy } of Object.values(standard.all(type)))
        expect(DeletionPolicy).toBe('Retain');
    expect(standard.only('AWS::KMS::Key').EnableKeyRotation).toBe(true);
  });

  it('go with the stack where removalPolicy says so', () => {
    expect(altered.only('AWS::DynamoDB::Table').DeletionProtectionEnabled).toBe(false);
    for (const type of ['AWS::DynamoDB::Table', 'AWS::KMS::Key', 'AWS::Logs::LogGroup'])
      for (const { DeletionPolicy } of Object.values(altered.all(type)))
        expect(DeletionPolicy).toBe('Delete');
    const kept = synthesise({ removalPolicy: RemovalPolicy.DESTROY, deletionProtection: true });
    expect(kept.only('AWS::DynamoDB::Table').DeletionProtectionEnabled).toBe(true);
  });

  it('use a given key, or none of the account', () => {
    const arn = 'arn:aws:kms:eu-central-1:111111111111:key/11111111-2222-3333-4444-555555555555';
    const given = synthesise((stack) => ({ encryptionKey: kms.Key.fromKeyArn(stack, 'Key', arn) }));
    expect(given.all('AWS::KMS::Key')).toEqual({});
    expect(given.only('AWS::DynamoDB::Table').SSESpecification.KMSMasterKeyId).toBe(arn);
    const none = synthesise({ customerManagedKey: false });
    expect(none.all('AWS::KMS::Key')).toEqual({});
    expect(JSON.stringify(none.template)).not.toContain('kms:');
    expect(environmentOf(none, 'DataPlane')).not.toHaveProperty('A2A_GATEWAY_SECRETS_MANAGER_KMS_KEY_ID');
  });
});

/** Settings as a function gets them, with names for what is known only when it is deployed. */
function environmentOf({ only }: typeof standard, id: string): Record<string, string> {
  const { Variables } = only('AWS::Lambda::Function', `Gateway${id}`).Environment;
  return Object.fromEntries(Object.entries(Variables).map(([name, value]) => [name, textOf(value)]));
}

describe('the functions', () => {
  it.each([
    ['Authorizer', 10, 512, 300, 1],
    ['DataPlane', 900, 1024, 301, 2],
    ['Management', 29, 512, 302, 3],
    ['Maintenance', 300, 256, 256, undefined],
    ['Seed', 300, 512, 512, undefined],
  ])(
    '%s: on Node 24 and arm64, traced, with a log of its own',
    (id, Timeout, MemorySize, other, reserved) => {
      const given = standard.only('AWS::Lambda::Function', `Gateway${id}`);
      expect(given).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        TracingConfig: { Mode: 'Active' },
        Timeout,
        MemorySize,
      });
      expect(given.ReservedConcurrentExecutions).toBeUndefined();
      expect(given.LoggingConfig.LogGroup.Ref).toMatch(new RegExp(`^Gateway${id}Logs`));
      const changed = altered.only('AWS::Lambda::Function', `Gateway${id}`);
      expect([changed.MemorySize, changed.ReservedConcurrentExecutions]).toEqual([other, reserved]);
    },
  );

  it('are told what the core reads, and it takes it', () => {
    const environment = environmentOf(standard, 'DataPlane');
    expect(environment).toMatchObject({
      A2A_GATEWAY_STORE: 'dynamodb',
      A2A_GATEWAY_SECRETS_MANAGER_PREFIX: 'a2a-gateway/default/',
      A2A_GATEWAY_LOG_METRICS_NAMESPACE: 'A2AGateway',
      A2A_GATEWAY_LOG_ENVIRONMENT: 'default',
      A2A_GATEWAY_LOG_LEVEL: 'info',
    });
    const deployed = Object.entries(environment).map(([name, value]) => [
      name,
      value.replace(/<[^>]*>/g, 'known'),
    ]);
    const settings = parseSettings(undefined, Object.fromEntries(deployed));
    expect(settings.publicUrl).toBe('https://known.execute-api.known.known/v1');
    expect(settings.issuers).toEqual([
      expect.objectContaining({ clientIds: ['known'], scopePrefix: 'a2a-gateway/', audiences: [] }),
    ]);
    for (const id of ['Authorizer', 'Management', 'Maintenance', 'Seed'])
      expect(environmentOf(standard, id)).toEqual(environment);
  });

  it('are told what else is set', () => {
    expect(environmentOf(altered, 'Management')).toMatchObject({
      A2A_GATEWAY_PUBLIC_URL: 'https://agents.example.com/a2a',
      A2A_GATEWAY_SECRETS_MANAGER_PREFIX: 'a2a-gateway/staging/',
      A2A_GATEWAY_LIMITS_MAX_BODY_BYTES: '2048',
      A2A_GATEWAY_CORS_ALLOW_ORIGINS: 'https://one.example,https://two.example',
      A2A_GATEWAY_LOG_LEVEL: 'debug',
    });
  });

  it('keep logs as long as the property says, and sealed', () => {
    for (const { Properties } of Object.values(standard.all('AWS::Logs::LogGroup'))) {
      expect(Properties.RetentionInDays).toBe(30);
      expect(Properties.KmsKeyId['Fn::GetAtt'][0]).toMatch(/^GatewayKey/);
    }
    for (const { Properties } of Object.values(altered.all('AWS::Logs::LogGroup')))
      expect(Properties.RetentionInDays).toBe(7);
  });

  it('sweep daily, or as scheduled', () => {
    expect(standard.only('AWS::Events::Rule').ScheduleExpression).toBe('rate(1 day)');
    expect(altered.only('AWS::Events::Rule').ScheduleExpression).toBe('rate(6 hours)');
  });

  it('say what to do where there is no bundle', () => {
    const stack = new Stack(new App({ analyticsReporting: false }), 'Test');
    expect(() => new A2AGateway(stack, 'Gateway', { bundlesPath: `${bundlesPath}/none` })).toThrow(
      /npm run bundle/,
    );
  });
});

describe('identity', () => {
  it('is a pool without users, whose clients have the one grant and no password', () => {
    expect(standard.only('AWS::Cognito::UserPool').AdminCreateUserConfig.AllowAdminCreateUserOnly).toBe(true);
    for (const synthesis of [standard, altered])
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
    const admin = altered.only('AWS::Cognito::UserPoolClient', 'Clientadmin').AllowedOAuthScopes.map(textOf);
    expect(admin).toEqual([expect.stringMatching(/\/gateway:admin$/), expect.stringMatching(/\/finance$/)]);
  });

  it('names scopes, resource server and domain as it is told', () => {
    const server = altered.only('AWS::Cognito::UserPoolResourceServer');
    expect(server.Identifier).toBe('agents');
    expect(server.Scopes.map(({ ScopeName }: { ScopeName: string }) => ScopeName)).toEqual([
      'gateway:admin',
      'gateway:register',
      'finance',
    ]);
    expect(altered.only('AWS::Cognito::UserPoolDomain').Domain).toBe('my-agents');
    expect(textOf(standard.only('AWS::Cognito::UserPoolDomain').Domain)).toBe(
      'a2a-gateway-default-<AWS::AccountId>',
    );
    expect(environmentOf(altered, 'Authorizer').A2A_GATEWAY_ISSUERS).toContain('"scopePrefix":"agents/"');
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
    expect(altered.only('AWS::ApiGateway::RestApi').DisableExecuteApiEndpoint).toBe(true);
    expect(altered.only('AWS::ApiGateway::DomainName')).toMatchObject({
      DomainName: 'agents.example.com',
      SecurityPolicy: 'TLS_1_2',
    });
    expect(altered.only('AWS::ApiGateway::BasePathMapping').BasePath).toBe('a2a');
    expect(altered.only('AWS::Route53::RecordSet').Name).toBe('agents.example.com.');
    expect(altered.only('AWS::WAFv2::WebACL').Rules[0].Statement.RateBasedStatement.Limit).toBe(700);
    expect(altered.only('AWS::ApiGateway::Stage')).toMatchObject({
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
    expect(Object.keys(altered.all('AWS::ApiGateway::Account'))).toHaveLength(1);
    const [stage] = Object.values(altered.all('AWS::ApiGateway::Stage'));
    expect(stage?.DependsOn).toContainEqual(expect.stringMatching(/^GatewayAccount/));
  });
});

describe('alarms and dashboard', () => {
  it('go to the topic that is made, and nowhere without one', () => {
    for (const { Properties } of Object.values(standard.all('AWS::CloudWatch::Alarm')))
      expect(Properties.AlarmActions).toBeUndefined();
    for (const { Properties } of Object.values(altered.all('AWS::CloudWatch::Alarm')))
      expect(Properties.AlarmActions).toEqual([{ Ref: expect.stringMatching(/^GatewayAlarmTopic/) }]);
    expect(altered.only('AWS::SNS::Subscription')).toMatchObject({
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
      'AuthorizerFailures',
      'AuthorizerThrottles',
      'DataPlaneErrors',
      'DataPlaneThrottles',
      'Latency',
      'MaintenanceErrors',
      'ManagementErrors',
      'ManagementThrottles',
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
    expect(altered.only('AWS::CloudWatch::Alarm', 'GatewayLatency').Threshold).toBe(3_000);
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

describe('seeds', () => {
  it('are there only where something is seeded', () => {
    expect(standard.all('Custom::A2AGatewaySeeds')).toEqual({});
  });

  it('say what to register and where secrets are, and no secret', () => {
    expect(altered.only('Custom::A2AGatewaySeeds')).toMatchObject({
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

describe('tags', () => {
  it('are on what can be tagged', () => {
    expect(standard.only('AWS::DynamoDB::Table').Tags).toEqual([
      { Key: 'Application', Value: 'a2a-gateway' },
      { Key: 'Environment', Value: 'default' },
    ]);
    expect(altered.only('AWS::DynamoDB::Table').Tags).toContainEqual({ Key: 'Owner', Value: 'platform' });
  });
});

describe('what could not work is refused early', () => {
  const issuers = [{ issuer: 'https://login.example.com', audiences: ['agents'] }];
  const card = 'https://billing.example.com/card.json';

  it.each<[string, A2AGatewayProps, RegExp]>([
    ['environment', { environment: 'Prod!' }, /environment "Prod!"/],
    ['EDGE', { endpointType: 'EDGE' as 'REGIONAL' }, /endpointType "EDGE"/],
    [
      'domain without certificate',
      { domainName: 'a.example' },
      /domainName "a\.example" needs certificateArn/,
    ],
    ['certificate without domain', { certificateArn: 'arn' }, /certificateArn needs domainName/],
    ['base path', { domainName: 'a.example', certificateArn: 'arn', basePath: '/a/' }, /basePath "\/a\/"/],
    ['stage', { stageName: 'v 1' }, /stageName "v 1"/],
    ['public URL', { publicUrl: 'https://a.example/' }, /publicUrl "https:\/\/a\.example\/"/],
    ['public URL in the clear', { publicUrl: 'http://a.example' }, /publicUrl: must be https/],
    ['cache', { authorizerResultsCacheTtl: Duration.hours(2) }, /authorizerResultsCacheTtl 7200 s/],
    ['VPC of a regional API', { natGateways: 1 }, /natGateways needs endpointType PRIVATE/],
    [
      'no way to keys',
      { endpointType: 'PRIVATE', natGateways: 0, issuers },
      /no way to the keys of issuer "https:\/\/login/,
    ],
    [
      'no way to the pool',
      { endpointType: 'PRIVATE', natGateways: 0, cognitoVpcEndpoint: false },
      /own pool/,
    ],
    ['port', { endpointType: 'PRIVATE', egressPorts: [0] }, /egressPorts: 0/],
    ['client without scopes', { clients: [{ name: 'a', scopes: [] }] }, /clients: "a" has no scopes/],
    ['client’s scope', { clients: [{ name: 'a', scopes: ['b'] }] }, /"a" asks for "b"/],
    ['no clients', { clients: [] }, /clients is empty/],
    [
      'issuer without audience',
      { issuers: [{ issuer: 'https://login.example.com' }] },
      /needs audiences or clientIds/,
    ],
    ['issuers none', { issuers: [] }, /issuers/],
    ['unknown setting', { settings: { A2A_GATEWAY_NONE: '1' } }, /"A2A_GATEWAY_NONE" is no setting/],
    ['secret setting', { settings: { A2A_GATEWAY_SECRET_KEY: 'a' } }, /is a secret/],
    ['own setting', { settings: { A2A_GATEWAY_STORE: 'sqlite' } }, /set by the construct/],
    ['wrong setting', { settings: { A2A_GATEWAY_LIMITS_MAX_BODY_BYTES: 'many' } }, /limits\.maxBodyBytes/],
    ['wrong origin', { corsAllowOrigins: ['one.example'] }, /must be an origin/],
    [
      'too many settings',
      { issuers: [{ issuer: 'https://a.example', audiences: ['a'.repeat(5000)] }] },
      /4096/,
    ],
    ['agent id', { agents: [{ agentId: 'Billing', agentCardUrl: card }] }, /"Billing" is no agent id/],
    [
      'agent twice',
      { agents: [1, 2].map(() => ({ agentId: 'a', agentCardUrl: card })) },
      /"a" is there twice/,
    ],
    ['card URL', { agents: [{ agentId: 'a', agentCardUrl: 'card.json' }] }, /agentCardUrl "card\.json"/],
    ['pattern', { permissions: [{ scope: 'a', allowedAgents: ['A'] }] }, /"A" is no agent id/],
    ['scope', { permissions: [{ scope: 'a b', allowedAgents: [] }] }, /"a b" is no scope/],
  ])('%s', (_, props, message) => {
    const stack = new Stack(new App({ analyticsReporting: false }), 'Test');
    expect(() => new A2AGateway(stack, 'Gateway', { bundlesPath, ...props })).toThrow(message);
  });
});
