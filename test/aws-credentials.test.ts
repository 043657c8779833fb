import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type AwsCredentials,
  createCredentialCache,
  type FetchedIdentity,
} from '../src/runtimes/aws-credentials.ts';
import { fetchCredentialsBy } from '../src/runtimes/aws-identities.ts';
import { closeServer, exampleKeys, keysOf, listen, wireRequest } from './support/aws-service.ts';
import { verifySigV4 } from './support/sigv4-verifier.ts';
import { failsWith } from './support/upstream-servers.ts';

const own: FetchedIdentity = { kind: 'own' };
const role: FetchedIdentity = {
  kind: 'role',
  roleArn: 'arn:aws:iam::123456789012:role/calls-agents',
  externalId: 'gateway',
};

describe('held credentials', () => {
  const hourMs = 3_600_000;
  let nowMs = 0;
  let asked: FetchedIdentity[] = [];
  let answers: ((credentials: AwsCredentials) => void)[] = [];
  const clock = { nowMs: () => nowMs };
  const fetchHeld = (identity: FetchedIdentity) => {
    asked.push(identity);
    return new Promise<AwsCredentials>((resolve) => answers.push(resolve));
  };
  const until = (expiresAtMs: number, accessKeyId = 'KEY') => ({
    accessKeyId,
    secretAccessKey: 's',
    expiration: new Date(expiresAtMs),
  });

  beforeEach(() => {
    nowMs = 1_000;
    asked = [];
    answers = [];
  });

  it('are fetched once for all who wait', async () => {
    const cache = createCredentialCache(fetchHeld, clock);
    const waiting = Array.from({ length: 10 }, () => cache.get(own, 'eu-west-1'));
    answers[0]?.(until(nowMs + hourMs));
    expect(new Set((await Promise.all(waiting)).map(({ accessKeyId }) => accessKeyId))).toEqual(
      new Set(['KEY']),
    );
    await cache.get(own, 'us-east-1');
    expect(asked).toEqual([own]);
    expect(cache.expiresAtMs(own)).toBe(nowMs + hourMs);
  });

  it('are those of one identity', async () => {
    const cache = createCredentialCache(fetchHeld, clock);
    const identities = [own, role, { ...role, externalId: 'other' }, { ...role, externalId: undefined }];
    const waiting = identities.map((identity) => cache.get(identity, 'eu-west-1'));
    answers.forEach((answer, index) => {
      answer(until(nowMs + hourMs, `KEY${index}`));
    });
    expect((await Promise.all(waiting)).map(({ accessKeyId }) => accessKeyId)).toEqual([
      'KEY0',
      'KEY1',
      'KEY2',
      'KEY3',
    ]);
  });

  it.each([
    [hourMs, hourMs - 300_000],
    [100_000, 90_000],
  ])('of a lifetime of %d ms are fetched anew after %d', async (lifetimeMs, renewedAfterMs) => {
    const cache = createCredentialCache(fetchHeld, clock);
    const first = cache.get(own, 'eu-west-1');
    answers[0]?.(until(nowMs + lifetimeMs));
    await first;
    nowMs += renewedAfterMs - 1;
    await cache.get(own, 'eu-west-1');
    expect(asked).toHaveLength(1);
    nowMs += 1;
    const renewed = cache.get(own, 'eu-west-1');
    answers[1]?.(until(nowMs + lifetimeMs, 'RENEWED'));
    expect((await renewed).accessKeyId).toBe('RENEWED');
  });

  it('that do not expire are kept until they are refused', async () => {
    const cache = createCredentialCache(fetchHeld, clock);
    const first = cache.get(own, 'eu-west-1');
    answers[0]?.({ accessKeyId: 'KEY', secretAccessKey: 's' });
    await first;
    nowMs += 1_000 * hourMs;
    await cache.get(own, 'eu-west-1', 'ANOTHER');
    expect([asked.length, cache.expiresAtMs(own)]).toEqual([1, undefined]);
    const fresh = cache.get(own, 'eu-west-1', 'KEY');
    answers[1]?.({ accessKeyId: 'FRESH', secretAccessKey: 's' });
    expect((await fresh).accessKeyId).toBe('FRESH');
  });

  it('that cannot be fetched are asked for again the next time, and tell nothing', async () => {
    let fails = true;
    const cache = createCredentialCache(async () => {
      if (!fails) return until(nowMs + hourMs);
      throw Object.assign(new Error('aws_secret_access_key = leaked'), { name: 'CredentialsProviderError' });
    }, clock);
    const error = await cache.get(own, 'eu-west-1').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(failsWith('credential_unavailable', { problem: 'aws' }));
    expect(error).toHaveProperty('cause.message', 'CredentialsProviderError');
    fails = false;
    expect((await cache.get(own, 'eu-west-1')).accessKeyId).toBe('KEY');
  });
});

describe('a role', () => {
  let server: Server;
  let endpoint: string;
  let asked: URLSearchParams[] = [];

  /** STS as far as AssumeRole goes: by the query protocol, an answer in XML. */
  beforeAll(async () => {
    server = createServer(async (incoming, response) => {
      const request = await wireRequest(incoming);
      const verdict = verifySigV4(request, {
        keys: keysOf(exampleKeys),
        region: 'eu-central-1',
        service: 'sts',
        nowMs: Date.now(), // Of the SDK, whose clock is not given.
        allowUnsigned: true,
      });
      const form = new URLSearchParams(Buffer.from(request.body).toString());
      asked.push(form);
      const isAllowed = verdict === 'valid' && form.get('ExternalId') === 'gateway';
      response.writeHead(isAllowed ? 200 : 403, { 'content-type': 'text/xml' });
      response.end(isAllowed ? assumed : denied);
    });
    endpoint = await listen(server);
  });
  afterAll(() => closeServer(server));
  beforeEach(() => {
    asked = [];
    vi.stubEnv('AWS_ACCESS_KEY_ID', exampleKeys.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', exampleKeys.secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', undefined);
  });
  afterEach(() => vi.unstubAllEnvs());

  const xmlns = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"';
  const assumed = `<AssumeRoleResponse ${xmlns}><AssumeRoleResult><Credentials>
    <AccessKeyId>ASIAASSUMED</AccessKeyId><SecretAccessKey>assumed-secret</SecretAccessKey>
    <SessionToken>assumed-session</SessionToken><Expiration>2030-01-01T00:00:00Z</Expiration>
    </Credentials></AssumeRoleResult></AssumeRoleResponse>`;
  const denied = `<ErrorResponse ${xmlns}><Error><Type>Sender</Type><Code>AccessDenied</Code>
    <Message>not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>`;

  it('is assumed by the identity of the gateway, under its name, with the external id', async () => {
    const credentials = await fetchCredentialsBy({ endpoint })(role, 'eu-central-1');
    expect(credentials).toMatchObject({
      accessKeyId: 'ASIAASSUMED',
      secretAccessKey: 'assumed-secret',
      sessionToken: 'assumed-session',
      expiration: new Date('2030-01-01T00:00:00Z'),
    });
    expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({
      Action: 'AssumeRole',
      RoleArn: 'arn:aws:iam::123456789012:role/calls-agents',
      RoleSessionName: 'a2a-gateway',
      ExternalId: 'gateway',
    });
  });

  it('that does not trust the gateway leaves a call without credentials', async () => {
    const cache = createCredentialCache(fetchCredentialsBy({ endpoint }), { nowMs: () => 0 });
    const fetched = cache.get({ ...role, externalId: 'wrong' }, 'eu-central-1');
    await expect(fetched).rejects.toMatchObject(failsWith('credential_unavailable', { problem: 'aws' }));
    expect(asked).toHaveLength(1);
  });

  it('is not asked for where the gateway signs as itself', async () => {
    expect(await fetchCredentialsBy({ endpoint })(own, 'eu-central-1')).toMatchObject(exampleKeys);
    expect(asked).toEqual([]);
  });
});
