import { describe, expect, it } from 'vitest';
import { borrowsFrom } from '../auth-config.ts';
import { authSchema } from '../auth-schema.ts';

const roleArn = 'arn:aws:iam::123456789012:role/calls-agents';
const keys = { accessKeyId: 'AKIDEXAMPLEEXAMPLE', secretAccessKey: 'secret' };

describe('a signature', () => {
  it.each([
    [{}, true],
    [{ roleArn, externalId: 'gateway' }, true],
    [keys, false],
  ])('of %j speaks in the gateway’s name: %s', (members, isGateway) => {
    expect(borrowsFrom('gateway', authSchema().parse({ type: 'aws_sigv4', ...members }))).toBe(isGateway);
  });

  it.each<[Record<string, string>, string]>([
    [{ externalId: 'gateway' }, 'externalId'],
    [{ accessKeyId: keys.accessKeyId }, 'secretAccessKey'],
    [{ secretAccessKey: 'secret' }, 'secretAccessKey'],
    [{ sessionToken: 'session' }, 'sessionToken'],
    [{ ...keys, roleArn }, 'roleArn'],
    [{ region: 'eu-west-1.evil.example' }, 'region'],
    [{ service: 'lambda/aws4_request' }, 'service'],
    [{ roleArn: 'arn:aws:iam::123456789012:user/somebody' }, 'roleArn'],
  ])('is refused of %j for %s', (members, member) => {
    const parsed = authSchema().safeParse({ type: 'aws_sigv4', ...members });
    expect(parsed.error?.issues.map(({ path }) => path)).toEqual([[member]]);
  });
});
