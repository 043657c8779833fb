import { aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { listOf, rolesOf } from './roles.ts';
import { type Synthesis, synthesise, textOf } from './synthesis.ts';
import {
  apiArn,
  backends,
  billingWith,
  clientSecretArn,
  roleArn,
  runtimeArn,
  seeded,
  variants,
} from './variants.ts';

/** What a role is allowed, one line an action: on what, and through which service or in which partitions. */
function grantsOf(synthesis: Synthesis, part: string): string[] {
  const role = rolesOf(synthesis).find(({ id }) => id.startsWith(`Gateway${part}Role`));
  const allowed = role?.statements.filter(({ Effect }) => Effect === 'Allow') ?? [];
  return allowed
    .flatMap(({ Action, Resource, Condition }) => {
      const via = textOf(Condition?.StringEquals?.['kms:ViaService'] ?? '').split('.')[0];
      const partitions = Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? [];
      const within = listOf(partitions).map((partition) => ` in ${partition}`);
      return listOf(Action).flatMap((action) =>
        listOf(Resource).map(
          (resource) =>
            `${action} ${named(textOf(resource))}${via === '' ? '' : ` by ${via}`}${within.join('')}`,
        ),
      );
    })
    .sort();
}

function named(resource: string): string {
  return resource
    .replace(/^<Gateway([A-Za-z]+?)[0-9A-F]{8}\.Arn>$/, '$1')
    .replace(/^<Gateway([A-Za-z]+?)[0-9A-F]{8}\.(?:Stream|VectorBucket)Arn>/, (_, name: string) =>
      name === 'Table' ? 'TableStream' : name,
    )
    .replace('arn:<AWS::Partition>:bedrock:<AWS::Region>::', '')
    .replace('arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:', '');
}

const always = (name: string) => [
  `logs:CreateLogStream ${name}Logs`,
  `logs:PutLogEvents ${name}Logs`,
  'xray:PutTelemetryRecords *',
  'xray:PutTraceSegments *',
];
const reading = ['dynamodb:BatchGetItem Table', 'dynamodb:GetItem Table', 'dynamodb:Query Table'];
const opening = ['kms:Decrypt Key by dynamodb', 'kms:DescribeKey Key by dynamodb'];
const secrets = 'secret:a2a-gateway/default/agents/*';
const keys = 'secret:a2a-gateway/default/identity/*';
const sealingTexts = ['CreateSecret', 'GetSecretValue'].map(
  (name) => `secretsmanager:${name} secret:a2a-gateway/default/sealing/*`,
);
const sealingTrail = ['CreateSecret', 'GetSecretValue'].map(
  (name) => `secretsmanager:${name} secret:a2a-gateway/default/audit/*`,
);
const recordingCalls = [
  'dynamodb:PutItem Table in audit#* in usage#*',
  'dynamodb:UpdateItem Table in usage#*',
  ...sealingTrail,
];
const sealing = [
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
].map((name) => `kms:${name} Key by dynamodb`);
const signing = [
  ...['CreateSecret', 'GetSecretValue', 'DeleteSecret'].map((name) => `secretsmanager:${name} ${keys}`),
  'secretsmanager:ListSecrets *',
  'kms:Decrypt Key by secretsmanager',
  'kms:GenerateDataKey Key by secretsmanager',
];
const managing = [
  ...reading,
  ...['PutItem', 'DeleteItem'].map((name) => `dynamodb:${name} Table`),
  ...['CreateSecret', 'PutSecretValue', 'DeleteSecret'].map((name) => `secretsmanager:${name} ${secrets}`),
  ...opening,
  ...sealing,
  ...signing,
  ...sealingTrail,
];

const indexes = 'VectorBucket/index/agents-*';
const titan = 'foundation-model/amazon.titan-embed-text-v2:0';
const searching = [
  `s3vectors:QueryVectors ${indexes}`,
  `s3vectors:GetVectors ${indexes}`,
  's3vectors:ListIndexes VectorBucket',
  `bedrock:InvokeModel ${titan}`,
  'kms:Decrypt Key by s3vectors',
];
const indexing = [
  ...reading,
  ...opening,
  ...['DescribeStream', 'GetRecords', 'GetShardIterator'].map((name) => `dynamodb:${name} TableStream`),
  'dynamodb:ListStreams *',
  ...['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes', 'SendMessage'].map(
    (name) => `sqs:${name} IndexQueue`,
  ),
  'sqs:SendMessage IndexDeadLetterQueue',
  ...['Put', 'Get', 'List', 'Delete'].map((verb) => `s3vectors:${verb}Vectors ${indexes}`),
  ...['Create', 'Get', 'Delete'].map((verb) => `s3vectors:${verb}Index ${indexes}`),
  's3vectors:ListIndexes VectorBucket',
  `bedrock:InvokeModel ${titan}`,
  ...['sqs', 's3vectors'].flatMap((service) =>
    ['Decrypt', 'GenerateDataKey'].map((name) => `kms:${name} Key by ${service}`),
  ),
];

const waking = [
  'sqs:SendMessage PushQueue',
  ...['Decrypt', 'GenerateDataKey'].map((name) => `kms:${name} Key by sqs`),
];
const writingWebhooks = ['PutItem', 'DeleteItem'].map((name) => `dynamodb:${name} Table in push-*`);

describe('what each function may do', () => {
  const standard = synthesise(seeded);

  it.each([
    ['Authorizer', [...reading, ...opening]],
    [
      'DataPlane',
      [
        ...reading,
        'dynamodb:PutItem Table in affinity#* in limit#* in health#* in owned#*',
        ...writingWebhooks,
        ...recordingCalls,
        ...waking,
        ...opening,
        ...sealing,
        `secretsmanager:GetSecretValue ${secrets}`,
        ...signing,
        'kms:Sign CardSigningKey',
        'kms:GetPublicKey CardSigningKey',
        ...sealingTexts,
        ...searching,
      ],
    ],
    [
      'Management',
      [
        ...managing,
        'dynamodb:UpdateItem Table in usage#*',
        ...sealingTexts,
        ...waking,
        'kms:GetPublicKey CardSigningKey',
        ...searching,
      ],
    ],
    [
      'Maintenance',
      [
        ...reading,
        'dynamodb:PutItem Table in health#*',
        `secretsmanager:DeleteSecret ${secrets}`,
        'secretsmanager:ListSecrets *',
        ...opening,
        ...sealing,
      ],
    ],
    ['Seed', [...managing, `secretsmanager:GetSecretValue ${clientSecretArn}`]],
    ['Indexer', indexing],
    [
      'Push',
      [
        ...reading,
        ...writingWebhooks,
        ...['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'].map((name) => `sqs:${name} PushQueue`),
        ...waking,
        ...opening,
        ...sealing,
        ...sealingTexts,
        'kms:Decrypt Key by secretsmanager',
        'kms:GenerateDataKey Key by secretsmanager',
      ],
    ],
  ])('%s: this and nothing else', (name, expected) => {
    expect(grantsOf(standard, name)).toEqual([...expected, ...always(name)].sort());
  });

  it('who searches, while a model is changed: both models', () => {
    const changed = synthesise({
      search: {
        modelId: 'arn:aws:bedrock:eu-central-1:111111111111:provisioned-model/abc',
        formerModelId: 'a.b-v1:0',
      },
    });
    for (const name of ['Management', 'DataPlane', 'Indexer'])
      expect(grantsOf(changed, name).filter((grant) => grant.startsWith('bedrock:'))).toEqual([
        'bedrock:InvokeModel arn:aws:bedrock:eu-central-1:111111111111:provisioned-model/abc',
        'bedrock:InvokeModel foundation-model/a.b-v1:0',
      ]);
  });

  it('who serves cards, where no key of KMS signs them: keys among the secrets, and no others', () => {
    const without = synthesise({ customerManagedKey: false });
    const ofCards = ['CreateSecret', 'DeleteSecret', 'GetSecretValue'].map(
      (name) => `secretsmanager:${name} secret:a2a-gateway/default/card-signing/*`,
    );
    const granted = (part: string) =>
      grantsOf(without, part).filter((grant) => grant.includes('card-signing'));
    expect(['DataPlane', 'Management'].map(granted)).toEqual([ofCards, ofCards]);
    expect(['Authorizer', 'Maintenance', 'Seed', 'Indexer'].flatMap(granted)).toEqual([]);
  });

  it('nobody: what belongs to a search that is switched off', () => {
    const roles = JSON.stringify(rolesOf(synthesise({ search: false })));
    expect(roles).not.toMatch(/s3vectors|bedrock|IndexQueue|Streams/);
  });

  it('the data plane: no write at all where a request names no partition', () => {
    const role = rolesOf(standard).find(({ id }) => id.startsWith('GatewayDataPlaneRole'));
    const writing = (role?.statements ?? []).filter(({ Action }) =>
      listOf(Action).includes('dynamodb:PutItem'),
    );
    expect(writing).toHaveLength(3);
    for (const { Condition } of writing) expect(Condition?.Null).toEqual({ 'dynamodb:LeadingKeys': 'false' });
  });

  it.each(['Management', 'Seed'])('%s: deletes nothing of the trail, nor of what was used', (name) => {
    const role = rolesOf(standard).find(({ id }) => id.startsWith(`Gateway${name}Role`));
    const denied = role?.statements.filter(({ Effect }) => Effect === 'Deny');
    expect(denied).toEqual([
      {
        Effect: 'Deny',
        Action: 'dynamodb:DeleteItem',
        Resource: expect.anything(),
        Condition: { 'ForAnyValue:StringLike': { 'dynamodb:LeadingKeys': ['audit#*', 'usage#*'] } },
      },
    ]);
  });

  it('Seed: of a secret that is known by its name, the one with six more characters', () => {
    const synthesis = synthesise((stack) =>
      billingWith(secretsmanager.Secret.fromSecretNameV2(stack, 'ByName', 'billing')),
    );
    expect(grantsOf(synthesis, 'Seed')).toContain('secretsmanager:GetSecretValue secret:billing-??????');
  });

  it('in a VPC: network interfaces for Lambda, and not for the code', () => {
    const synthesis = synthesise({ endpointType: 'PRIVATE' });
    for (const { id, statements } of rolesOf(synthesis).filter(({ id }) => !id.includes('FlowLog'))) {
      const ofNetwork = statements.filter(({ Action }) =>
        listOf(Action).some((action) => /^ec2:/.test(String(action))),
      );
      expect(ofNetwork.map(({ Effect }) => Effect).sort(), id).toEqual(['Allow', 'Deny']);
      expect(ofNetwork.find(({ Effect }) => Effect === 'Deny')?.Condition?.ArnLike).toHaveProperty([
        'lambda:SourceFunctionArn',
      ]);
    }
  });
});

describe('who speaks to backends that AWS guards', () => {
  const synthesis = synthesise(backends);
  const planner = 'arn:aws:lambda:eu-central-1:111111111111:function:planner';
  const own = /^<Own[0-9A-F]{8}\.Arn>(?::\*)?$/;
  const guarded = /^(?:bedrock-agentcore|lambda|sts|execute-api):/;
  const ofBackends = (from: Synthesis, part: string) =>
    grantsOf(from, part)
      .filter((grant) => guarded.test(grant))
      .map((grant) => grant.split(' '));

  it.each([
    ['DataPlane', 'InvokeAgentRuntime'],
    ['Management', 'GetAgentCard'],
    ['Seed', 'GetAgentCard'],
  ])('%s reaches those that are named, and of AgentCore by %s alone', (part, ofRuntimes) => {
    const grants = ofBackends(synthesis, part);
    expect(grants.filter(([, resource = '']) => !own.test(resource))).toEqual([
      [`bedrock-agentcore:${ofRuntimes}`, runtimeArn],
      [`bedrock-agentcore:${ofRuntimes}`, `${runtimeArn}/runtime-endpoint/*`],
      ['execute-api:Invoke', apiArn],
      ...['lambda:InvokeFunction', 'lambda:InvokeFunctionUrl'].flatMap((action) => [
        [action, planner],
        [action, `${planner}:*`],
      ]),
      ['sts:AssumeRole', roleArn],
    ]);
    expect(grants.filter(([, resource = '']) => own.test(resource))).toHaveLength(4);
  });

  it.each(['Authorizer', 'Maintenance', 'Indexer', 'Push'])('not %s', (part) => {
    expect(ofBackends(synthesis, part)).toEqual([]);
  });

  it('nobody where nothing is named', () => {
    for (const { statements } of rolesOf(synthesise()))
      for (const { Action } of statements)
        expect(listOf(Action).filter((action) => guarded.test(String(action)))).toEqual([]);
  });

  it('management reads secrets of agents only where cards are given out for one', () => {
    const reading = `secretsmanager:GetSecretValue ${secrets}`;
    expect(grantsOf(synthesis, 'Management')).toContain(reading);
    expect(grantsOf(synthesise(), 'Management')).not.toContain(reading);
    expect(grantsOf(synthesis, 'Seed')).not.toContain(reading);
  });
});

describe.each(Object.entries(variants))('roles of %s', (_, given) => {
  const synthesis = synthesise(given);

  it('have no policy of AWS, which grows without being asked', () => {
    for (const { id, managed } of rolesOf(synthesis)) expect(managed, id).toBeUndefined();
  });

  it('name their resources, but where there is nothing to name', () => {
    const wide = rolesOf(synthesis).flatMap(({ statements }) =>
      statements
        .filter(({ Effect, Resource }) => Effect === 'Allow' && listOf(Resource).includes('*'))
        .flatMap(({ Action }) => listOf(Action)),
    );
    expect([...new Set(wide)].filter((action) => !unnameable.has(String(action)))).toEqual([]);
  });

  it('spell their actions', () => {
    const actions = rolesOf(synthesis).flatMap(({ statements }) =>
      statements.flatMap(({ Action }) => listOf(Action)),
    );
    expect(actions.filter((action) => String(action).includes('*'))).toEqual([]);
  });
});

/** AWS has no resource, or no single one, for these. */
const unnameable = new Set([
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'secretsmanager:ListSecrets',
  'dynamodb:ListStreams',
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
]);
