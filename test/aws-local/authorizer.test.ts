import { beforeEach, describe, expect, it } from 'vitest';
import { createAuthorizer } from '../../aws-local/api-gateway/authorizer.ts';
import type { BaseEvent } from '../../aws-local/api-gateway/event.ts';
import { FunctionError } from '../../aws-local/lambda/function-error.ts';
import { fakeFunction } from './support.ts';

const arn = 'arn:aws:execute-api:us-east-1:000000000000:abc/live/GET/agents';
const policy = (resource: unknown = '*', effect = 'Allow') => ({
  Version: '2012-10-17',
  Statement: [{ Effect: effect, Action: 'execute-api:Invoke', Resource: resource }],
});
const asking = (authorization?: string) =>
  ({ headers: authorization === undefined ? {} : { AUTHORIZATION: authorization } }) as unknown as BaseEvent; // All it looks at.

let answer: unknown;
let nowMs = 0;
let asked: unknown[];
let authorize: ReturnType<typeof createAuthorizer>;

beforeEach(() => {
  nowMs = 0;
  answer = { principalId: 'alice', policyDocument: policy(), context: { n: 1, b: true, s: 's' } };
  const fake = fakeFunction(() => {
    if (answer instanceof Error) throw answer;
    return answer;
  });
  asked = fake.events;
  const identitySources = ['method.request.header.Authorization'];
  authorize = createAuthorizer(
    { name: 'A', functionArn: 'f', identitySources, ttlSeconds: 60 },
    fake,
    () => nowMs,
  );
});

describe('a REQUEST authorizer', () => {
  it('is not called without its identity source', async () => {
    await expect(authorize(asking(), arn)).rejects.toMatchObject({ type: 'UNAUTHORIZED' });
    await expect(authorize(asking(''), arn)).rejects.toMatchObject({ type: 'UNAUTHORIZED' });
    expect(asked).toEqual([]);
  });

  it('is called once for a value until its result expires, and its context is texts', async () => {
    const context = { principalId: 'alice', n: '1', b: 'true', s: 's' };
    expect(await authorize(asking('a'), arn)).toEqual(context);
    expect(await authorize(asking('a'), arn)).toEqual(context);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ type: 'REQUEST', methodArn: arn });
    await authorize(asking('b'), arn);
    nowMs = 60_000;
    await authorize(asking('a'), arn);
    expect(asked).toHaveLength(3);
  });

  it('is asked once for a policy that is evaluated for every path', async () => {
    answer = { principalId: 'alice', policyDocument: policy(arn) };
    await authorize(asking('a'), arn);
    await expect(authorize(asking('a'), `${arn}/other`)).rejects.toMatchObject({ type: 'ACCESS_DENIED' });
    expect(asked).toHaveLength(1);
  });

  it('denies by word', async () => {
    answer = { principalId: 'alice', policyDocument: policy('*', 'Deny') };
    await expect(authorize(asking('a'), arn)).rejects.toMatchObject({
      type: 'ACCESS_DENIED',
      detail: 'explicit_deny',
    });
  });

  it.each([
    ['Unauthorized', 'UNAUTHORIZED'],
    ['unauthorized', 'AUTHORIZER_FAILURE'],
    ['Task timed out', 'AUTHORIZER_FAILURE'],
  ])('that fails with %j ends in %s', async (message, type) => {
    answer = new FunctionError('Error', message);
    await expect(authorize(asking('a'), arn)).rejects.toMatchObject({ type });
  });

  it.each([
    ['nothing', null],
    ['no principal', { policyDocument: policy() }],
    ['no policy', { principalId: 'a' }],
    [
      'a condition',
      { principalId: 'a', policyDocument: { Statement: [{ ...policy().Statement[0], Condition: {} }] } },
    ],
    ['a list in its context', { principalId: 'a', policyDocument: policy(), context: { scopes: ['a'] } }],
    ['a context that is no object', { principalId: 'a', policyDocument: policy(), context: 'a' }],
    [
      'a policy that is too large',
      { principalId: 'a', policyDocument: policy(Array.from({ length: 200 }, () => arn)) },
    ],
  ])('that answers with %s is misconfigured', async (_, value) => {
    answer = value;
    await expect(authorize(asking('a'), arn)).rejects.toMatchObject({
      type: 'AUTHORIZER_CONFIGURATION_ERROR',
    });
  });
});
