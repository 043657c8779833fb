import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openAwsSample } from '../src/cli/aws-sample-source.ts';
import { main } from '../src/cli/main.ts';
import type { SampleSource } from '../src/import/import-sample.ts';
import {
  answerJson,
  type ScriptedAgent,
  type SeenRequest,
  startScriptedAgent,
} from './support/scripted-agent.ts';

let aws: ScriptedAgent;
let source: SampleSource & { close(): void };

beforeAll(async () => {
  aws = await startScriptedAgent();
  vi.stubEnv('AWS_ENDPOINT_URL', aws.url);
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
  source = await openAwsSample({ agentsTable: 'agents', permissionsTable: 'permissions' });
});

beforeEach(() => {
  aws.seen.length = 0;
});

afterAll(async () => {
  source.close();
  vi.unstubAllEnvs();
  await aws.close();
});

/** Answers by the operation asked for, such as `Scan`. */
function answerAws(answers: Record<string, (request: SeenRequest) => [number, unknown]>): void {
  aws.script((request, response, incoming) => {
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    const [status, body] = answers[operation]?.(request) ?? [500, {}];
    answerJson(body, status, 'application/x-amz-json-1.1')(request, response, incoming);
  });
}

function refused(name: string, message = 'no'): [number, unknown] {
  return [400, { __type: `com.amazonaws#${name}`, message }];
}

describe("the sample's tables", () => {
  it('are read page by page, as plain rows, without the cards', async () => {
    answerAws({
      Scan: ({ body }) =>
        body.includes('ExclusiveStartKey')
          ? [200, { Items: [{ agentId: { S: 'two' } }] }]
          : [200, { Items: [{ agentId: { S: 'one' } }], LastEvaluatedKey: { agentId: { S: 'one' } } }],
    });
    expect(await source.agents()).toEqual([{ agentId: 'one' }, { agentId: 'two' }]);
    expect(aws.seen.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
      expect.objectContaining({ TableName: 'agents', ConsistentRead: true }),
      expect.objectContaining({ ExclusiveStartKey: { agentId: { S: 'one' } } }),
    ]);
    expect(aws.seen[0]?.body).not.toContain('cachedAgentCard');
  });

  it('that cannot be read are told by the first line of the reason', async () => {
    answerAws({
      Scan: () => refused('InvalidSignatureException', 'It does not match.\n\nx-amz-security-token:private'),
    });
    await expect(source.permissions()).rejects.toThrow(
      /^cannot read table permissions: InvalidSignatureException: It does not match\.$/,
    );
  });
});

describe("the sample's secrets", () => {
  it('come with the time of their version', async () => {
    answerAws({
      GetSecretValue: () => [200, { SecretString: '{"clientSecret":"s"}', CreatedDate: 1_700_000_000.5 }],
    });
    expect(await source.clientSecret('arn:a')).toEqual({
      clientSecret: 's',
      createdAtMs: 1_700_000_000_500,
    });
    expect(JSON.parse(aws.seen[0]?.body ?? '')).toEqual({ SecretId: 'arn:a' });
  });

  it.each([
    [() => [200, { SecretString: 'plain-secret' }] as [number, unknown], /holds no clientSecret/],
    [() => [200, { SecretBinary: 'c2VjcmV0' }] as [number, unknown], /holds no clientSecret/],
    [() => refused('ResourceNotFoundException'), /is missing/],
    [() => refused('AccessDeniedException', 'plain-secret'), /cannot be read: AccessDeniedException$/],
  ])('that are none are told without what they hold', async (answer, reason) => {
    answerAws({ GetSecretValue: answer });
    expect(await source.clientSecret('arn:a')).toEqual({ missing: expect.stringMatching(reason) });
  });
});

it('an import that is stopped reports what it did, and ends with 1', async () => {
  const gateway = await startScriptedAgent();
  gateway.script((request, response, incoming) => {
    const isFirst = request.target.includes('pageSize');
    answerJson(isFirst ? { permissions: [] } : {}, isFirst ? 200 : 401)(request, response, incoming);
  });
  answerAws({
    Scan: ({ body }) =>
      body.includes('"agents"')
        ? [200, { Items: [{ agentId: { S: 'Bad' } }] }]
        : [200, { Items: [{ scope: { S: 'a' }, allowedAgents: { L: [] } }] }],
  });
  const [out, err]: [string[], string[]] = [[], []];
  const args = ['--agents-table', 'agents', '--permissions-table', 'permissions', '--to', gateway.url];
  const code = await main(['import', 'aws-sample', ...args], {
    env: { A2A_TOKEN: 'token' },
    out: (line) => void out.push(line),
    err: (line) => void err.push(line),
    untilStopped: () => Promise.resolve(),
  });
  await gateway.close();
  expect({ code, out, err }).toEqual({
    code: 1,
    out: [expect.stringMatching(/^skipped {3}agent Bad: /), '0 created, 0 updated, 0 unchanged, 1 skipped'],
    err: [expect.stringMatching(/refused the token/)],
  });
});
