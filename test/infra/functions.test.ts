import { App, aws_kms as kms, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { A2AGateway } from '../../infra/index.ts';
import { parseSettings } from '../../src/config.ts';
import { altered } from './altered.ts';
import { bundlesPath, environmentOf, synthesise } from './synthesis.ts';

const standard = synthesise();
const other = synthesise(altered);

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
    expect(standard.only('AWS::KMS::Key', 'GatewayKey').EnableKeyRotation).toBe(true);
  });

  it('go with the stack where removalPolicy says so', () => {
    expect(other.only('AWS::DynamoDB::Table').DeletionProtectionEnabled).toBe(false);
    for (const type of ['AWS::DynamoDB::Table', 'AWS::KMS::Key', 'AWS::Logs::LogGroup'])
      for (const { DeletionPolicy } of Object.values(other.all(type))) expect(DeletionPolicy).toBe('Delete');
    const kept = synthesise({ removalPolicy: RemovalPolicy.DESTROY, deletionProtection: true });
    expect(kept.only('AWS::DynamoDB::Table').DeletionProtectionEnabled).toBe(true);
  });

  it('use a given key, or none of the account', () => {
    const arn = 'arn:aws:kms:eu-central-1:111111111111:key/11111111-2222-3333-4444-555555555555';
    const given = synthesise((stack) => ({ encryptionKey: kms.Key.fromKeyArn(stack, 'Key', arn) }));
    expect(Object.keys(given.all('AWS::KMS::Key'))).toEqual([
      expect.stringMatching(/^GatewayCardSigningKey/),
    ]);
    expect(given.only('AWS::DynamoDB::Table').SSESpecification.KMSMasterKeyId).toBe(arn);
    const none = synthesise({ customerManagedKey: false });
    expect(none.all('AWS::KMS::Key')).toEqual({});
    expect(JSON.stringify(none.template)).not.toContain('kms:');
    expect(environmentOf(none, 'DataPlane')).not.toHaveProperty('A2A_GATEWAY_SECRETS_MANAGER_KMS_KEY_ID');
  });
});

describe('the keys that sign cards', () => {
  const variable = 'A2A_GATEWAY_CARD_SIGNING_KMS_KEY_IDS';

  it('are one of the kind that ES256 needs, kept like the other', () => {
    expect(standard.only('AWS::KMS::Key', 'CardSigning')).toMatchObject({
      KeySpec: 'ECC_NIST_P256',
      KeyUsage: 'SIGN_VERIFY',
    });
    expect(standard.only('AWS::KMS::Key', 'CardSigning').EnableKeyRotation).toBeUndefined();
    expect(standard.only('AWS::KMS::Alias', 'CardSigning').AliasName).toBe('alias/a2a-gateway/default/cards');
    expect(environmentOf(standard, 'DataPlane')[variable]).toMatch(
      /^<GatewayCardSigningKey[0-9A-F]{8}\.Arn>$/,
    );
  });

  it('are those that are given, the first first', () => {
    const arns = ['1', '2'].map((last) => `arn:aws:kms:eu-central-1:111111111111:key/1111-${last}`);
    const given = synthesise((stack) => ({
      cardSigningKeys: arns.map((arn, index) => kms.Key.fromKeyArn(stack, `Key${index}`, arn)),
    }));
    expect(Object.keys(given.all('AWS::KMS::Key'))).toEqual([expect.stringMatching(/^GatewayKey/)]);
    expect(environmentOf(given, 'DataPlane')[variable]).toBe(arns.join(','));
  });

  it('are not told to functions where keys among the secrets sign', () => {
    expect(environmentOf(synthesise({ customerManagedKey: false }), 'DataPlane')).not.toHaveProperty(
      variable,
    );
  });
});

describe('the functions', () => {
  it.each([
    ['Authorizer', 10, 512, 300, 1],
    ['DataPlane', 900, 1024, 301, 2],
    ['Management', 29, 512, 302, 3],
    ['Maintenance', 300, 256, 256, undefined],
    ['Seed', 300, 512, 512, undefined],
    ['Indexer', 300, 512, 512, undefined],
    ['Push', 120, 512, 512, undefined],
  ])(
    '%s: on Node 24 and arm64, traced, with a log of its own',
    (id, Timeout, MemorySize, changedSize, reserved) => {
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
      const changed = other.only('AWS::Lambda::Function', `Gateway${id}`);
      expect([changed.MemorySize, changed.ReservedConcurrentExecutions]).toEqual([changedSize, reserved]);
    },
  );

  it('are told what the core reads, and it takes it', () => {
    const environment = environmentOf(standard, 'DataPlane');
    const { PUSH_QUEUE_URL: queueUrl, ...settingsOnly } = environment;
    expect(queueUrl).toMatch(/^<GatewayPushQueue\w+>$/);
    expect(environment).toMatchObject({
      A2A_GATEWAY_STORE: 'dynamodb',
      A2A_GATEWAY_SECRETS_MANAGER_PREFIX: 'a2a-gateway/default/',
      A2A_GATEWAY_LOG_METRICS_NAMESPACE: 'A2AGateway',
      A2A_GATEWAY_LOG_ENVIRONMENT: 'default',
      A2A_GATEWAY_LOG_LEVEL: 'info',
    });
    const deployed = Object.entries(settingsOnly).map(([name, value]) => [
      name,
      value.startsWith('{"Fn::Select"') ? 'known' : value.replace(/<[^>]*>/g, 'known'),
    ]);
    const settings = parseSettings(undefined, Object.fromEntries(deployed));
    expect(settings.publicUrl).toBe('https://known.execute-api.known.known/v1');
    expect(settings.issuers).toEqual([
      expect.objectContaining({ clientIds: ['known'], scopePrefix: 'a2a-gateway/', audiences: [] }),
    ]);
    for (const id of ['Authorizer', 'Maintenance', 'Seed'])
      expect(environmentOf(standard, id)).toEqual(settingsOnly);
    for (const id of ['Management', 'Push']) expect(environmentOf(standard, id)).toEqual(environment);
  });

  it('are told what else is set', () => {
    expect(environmentOf(other, 'Management')).toMatchObject({
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
    for (const { Properties } of Object.values(other.all('AWS::Logs::LogGroup')))
      expect(Properties.RetentionInDays).toBe(7);
  });

  it('sweep daily, or as scheduled', () => {
    const expression = ({ only }: typeof standard) =>
      only('AWS::Events::Rule', 'Maintenance').ScheduleExpression;
    expect([expression(standard), expression(other)]).toEqual(['rate(1 day)', 'rate(6 hours)']);
  });

  it('probe every five minutes, or as scheduled, or never, by one call that is not repeated', () => {
    const rule = ({ only }: typeof standard) => only('AWS::Events::Rule', 'ProbeRule');
    expect(rule(standard).ScheduleExpression).toBe('rate(5 minutes)');
    expect(rule(other).ScheduleExpression).toBe('rate(1 hour)');
    expect(rule(standard).Targets).toMatchObject([
      { Input: '{"work":"probe"}', RetryPolicy: { MaximumRetryAttempts: 0 } },
    ]);
    const never = synthesise({ settings: { A2A_GATEWAY_HEALTH_PROBE_INTERVAL_MS: '0' } });
    expect(Object.keys(never.all('AWS::Events::Rule')).filter((id) => id.includes('Probe'))).toEqual([]);
  });

  it('say what to do where there is no bundle', () => {
    const stack = new Stack(new App({ analyticsReporting: false }), 'Test');
    expect(() => new A2AGateway(stack, 'Gateway', { bundlesPath: `${bundlesPath}/none` })).toThrow(
      /npm run bundle/,
    );
  });
});

describe('tags', () => {
  it('are on what can be tagged', () => {
    expect(standard.only('AWS::DynamoDB::Table').Tags).toEqual([
      { Key: 'Application', Value: 'a2a-gateway' },
      { Key: 'Environment', Value: 'default' },
    ]);
    expect(other.only('AWS::DynamoDB::Table').Tags).toContainEqual({ Key: 'Owner', Value: 'platform' });
  });
});
