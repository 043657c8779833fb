import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answerer, createAnswerer } from '../../src/runtimes/lambda/answer-event.ts';
import { toRequest } from '../../src/runtimes/lambda/event.ts';
import { type Cast, castOf } from '../scenarios/cast.ts';
import { type EventOptions, eventOf, proxyEvent, type Reached } from '../support/lambda-events.ts';
import { errorInfo } from '../support/raw.ts';
import { publicUrl, type Stand, startStand } from '../support/stand.ts';
import { refusedTargets } from './path-catalogue.ts';

/** Events as an attacker would have API Gateway make them, or would make them with access to the function. */

const maxBodyBytes = 4_096;
const never = new AbortController().signal;
let stand: Stand;
let cast: Cast;
let answer: Answerer;
let token: string;

beforeAll(async () => {
  stand = await startStand({ limits: { maxBodyBytes } });
  answer = createAnswerer({ gateway: await stand.gateway(), publicUrl, log: stand.log });
  token = await stand.issuer.token();
  cast = await castOf({
    ...stand,
    publicUrl,
    maxBodyBytes,
    fetch: async (path, init) => sent(await eventOf(new Request(`https://edge.test${path}`, init))),
  });
});
afterAll(() => stand.close());

function sent(event: unknown): Promise<Response> {
  return answer(event, { signal: never, deadline: never });
}

/** Sends as alice; answers status and reason. */
async function refusal(target: string, options: EventOptions = {}): Promise<unknown[]> {
  const headers = [
    ['authorization', `Bearer ${token}`],
    ['a2a-version', '1.0'],
    ...(options.headers ?? []),
  ] as const;
  const response = await sent(proxyEvent(target, { ...options, headers }));
  const info = errorInfo(await response.text());
  return [response.status, info?.reason, info?.metadata];
}

/** Nothing may get as far as the agent. */
async function untouched(work: () => Promise<void>): Promise<void> {
  const before = stand.agent.seen.length;
  await work();
  expect(stand.agent.seen).toHaveLength(before);
}

const hosts: readonly [string, Reached][] = [
  ["the API's own host", { stage: 'prod' }],
  ['a custom domain with a base path', { basePath: '/prod' }],
];

/** What API Gateway leaves of the path; a query it decodes, so that one never comes as it was written. */
const refusedPaths = Object.entries(refusedTargets).flatMap(([rule, targets]) =>
  targets.filter((target) => !target.includes('?')).map((target) => ({ rule, target })),
);

describe.each(hosts)('a path under %s', (_, reached) => {
  it.each(refusedPaths)('is refused as on a socket: $rule $target', async ({ rule, target }) => {
    // With a base path before it, even what is no path begins like one.
    const isHidden = 'basePath' in reached && !target.startsWith('/');
    await untouched(async () => {
      const [status, reason, metadata] = await refusal(target, { reached });
      if (isHidden) expect([400, 404]).toContain(status);
      else expect([status, reason, metadata]).toEqual([400, 'PATH_REFUSED', { rule }]);
    });
  });
});

describe('a path', () => {
  it.each([
    // What API Gateway might have decoded, had it decoded.
    ['a separator that was encoded', '/agents/agent/../hidden/tasks', 'dot_segment'],
    ['a line end', '/agents/agent/tasks/\r\nx: y', 'character'],
    ['a NUL', '/agents/agent\0/tasks', 'character'],
    ['letters that are none of ASCII', '/agents/аgent/tasks', 'character'],
    ['half a surrogate pair', '/agents/agent/tasks/\ud800', 'character'],
    ['a fragment', '/agents/agent/tasks#', 'character'],
    ['another authority', '//evil.test/agents', 'empty_segment'],
    ['user information', '@evil.test/agents', 'form'],
  ])('with %s is refused', async (_, path, rule) => {
    expect(await refusal('/', { members: { path } })).toEqual([400, 'PATH_REFUSED', { rule }]);
  });

  it.each([
    [
      'the stage once more',
      { path: '/prod/admin/agents', requestContext: { stage: 'prod', path: '/prod/prod/admin/agents' } },
    ],
    [
      'a stage that is a path',
      { path: '/agents', requestContext: { stage: 'prod/..', path: '/prod/../agents/x' } },
    ],
    [
      'the base path twice',
      { path: '/prod/prod/agents', requestContext: { stage: 'x', path: '/prod/prod/agents' } },
    ],
    [
      'the base path as a part of a name',
      { path: '/production', requestContext: { stage: 'x', path: '/production' } },
    ],
  ])('with %s leads nowhere else', async (_, members) => {
    const path = (toRequest(proxyEvent('/', { members }), { publicUrl, signal: never }) as { value: Request })
      .value.url;
    const given = members.path;
    expect([given, given.replace('/prod', '')].map((kept) => new URL(publicUrl).origin + kept)).toContain(
      path,
    );
    expect((await sent(proxyEvent('/', { members }))).status).not.toBe(200);
  });

  it.each([
    ['Host', [['host', 'evil.test']]],
    [
      'X-Forwarded-Host',
      [
        ['x-forwarded-host', 'evil.test'],
        ['x-original-url', '/admin/agents'],
      ],
    ],
  ] as const)('is not made of %s', (_, headers) => {
    const made = toRequest(proxyEvent('/agents', { headers }), { publicUrl, signal: never });
    expect(made).toMatchObject({ ok: true, value: { url: 'https://agents.test/agents' } });
  });
});

describe('a query', () => {
  it.each([
    ['a second one in a name', { 'a?b': ['1'] }, '/agents/agent/tasks?a%3Fb=1'],
    [
      'an ampersand in a value',
      { pageToken: ['a&tenant=x'] },
      '/agents/agent/tasks?pageToken=a%26tenant%3Dx',
    ],
    [
      'a fragment in a value',
      { pageToken: ['#/../hidden'] },
      '/agents/agent/tasks?pageToken=%23%2F..%2Fhidden',
    ],
  ])('with %s stays where it is', (_, multiValueQueryStringParameters, target) => {
    const members = { multiValueQueryStringParameters };
    const made = toRequest(proxyEvent('/agents/agent/tasks', { members }), { publicUrl, signal: never });
    expect(made).toMatchObject({ ok: true, value: { url: `https://agents.test${target}` } });
  });

  it.each([
    ['a control character', { a: ['\0'] }, 'encoded_control'],
    ['a line end in a name', { 'a\r\nb': ['1'] }, 'encoded_control'],
    ['half a surrogate pair', { a: ['\udc00'] }, 'encoding'],
    ['a value that is no text', { a: [1] }, 'encoding'],
    ['more than anyone needs', { a: ['x'.repeat(9_000)] }, 'length'],
  ])('with %s is refused', async (_, multiValueQueryStringParameters, rule) => {
    const members = { multiValueQueryStringParameters };
    expect(await refusal('/agents', { members })).toEqual([400, 'PATH_REFUSED', { rule }]);
  });

  it('cannot bring a tenant under a name that is decoded', async () => {
    const found = await refusal('/agents/agent/tasks?t%65nant=x');
    expect(found).toEqual([400, 'MEMBER_REFUSED', { member: 'tenant', rule: 'tenant' }]);
  });
});

describe('a header', () => {
  it.each([
    ['a line end', 'x', 'a\r\nauthorization: Bearer y'],
    ['a NUL', 'x', 'a\0b'],
    ['letters no header has', 'x', '☃'],
    ['a line end in its name', 'x\r\ny', '1'],
    ['a colon in its name', 'x:y', '1'],
    ['no name', '', '1'],
  ])('with %s is refused, naming it', async (_, name, value) => {
    expect(await refusal('/agents', { headers: [[name, value]] })).toEqual([
      400,
      'PARAMETER_INVALID',
      { parameter: name, problem: 'not a header' },
    ]);
  });

  it('given twice gives nobody two tokens to choose from', async () => {
    const admin = await stand.issuer.token({ scope: 'gateway:admin' });
    for (const headers of [
      [['authorization', `Bearer ${admin}`]],
      [['Authorization', `Bearer ${admin}`]],
    ] as const)
      expect((await refusal('/admin/agents', { headers }))[0]).toBe(401);
  });

  it('whose length is a lie does not get a body past the limit', async () => {
    const body = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'GetTask',
      params: { x: 'x'.repeat(maxBodyBytes) },
    });
    await untouched(async () => {
      for (const given of [body, Buffer.from(body)]) {
        const options = { method: 'POST', body: given, headers: [['content-length', '5']] as const };
        expect(await refusal('/agents/agent', options)).toEqual([
          413,
          'BODY_TOO_LARGE',
          { maxBodyBytes: String(maxBodyBytes) },
        ]);
      }
    });
  });
});

describe('what an event says of its caller', () => {
  const authorizer = {
    principalId: 'admin',
    scope: 'gateway:admin',
    claims: { scope: 'gateway:admin', sub: 'admin' },
    issuer: 'https://evil.test',
  };
  const requestContext = {
    stage: 'prod',
    path: '/prod/admin/agents',
    authorizer,
    identity: { user: 'admin' },
  };

  it('makes nobody of somebody without a token', async () => {
    const response = await sent(proxyEvent('/admin/agents', { members: { requestContext } }));
    expect([response.status, errorInfo(await response.text())?.reason]).toEqual([401, 'TOKEN_MISSING']);
  });

  it('makes no administrator of a caller', async () => {
    const found = await refusal('/admin/agents', { members: { requestContext } });
    expect(found.slice(0, 2)).toEqual([403, 'SCOPE_MISSING']);
  });

  it('takes nothing from an administrator either', async () => {
    expect((await cast.admin('GET', '/admin/agents')).status).toBe(200);
  });
});

describe('an event', () => {
  it.each([
    ['nothing', undefined, 400],
    ['null', null, 400],
    ['a text', 'x', 400],
    ['a list', [], 400],
    ['of no members', {}, 400],
    ['without a method', { path: '/agents' }, 405],
    ['of a method that is no text', { path: '/agents', httpMethod: ['GET'] }, 405],
    ['of another payload format', { version: '2.0', rawPath: '/admin/agents' }, 400],
    ['with nothing but path and method', { path: '/agents', httpMethod: 'GET' }, 401],
    [
      'whose headers are none',
      { path: '/agents', httpMethod: 'GET', headers: 'x', multiValueHeaders: 7 },
      401,
    ],
    ['whose header values are none', { path: '/agents', httpMethod: 'GET', headers: { a: {} } }, 400],
    ['whose body is none', { path: '/admin/agents', httpMethod: 'POST', body: { a: 1 } }, 400],
    ['whose context is none', { path: '/agents', httpMethod: 'GET', requestContext: 'x' }, 401],
  ])('%s is refused with %s: %i', async (_, event, status) => {
    expect((await sent(event)).status).toBe(status);
  });

  it.each(['TRACE', 'CONNECT', 'TRACK', 'get', 'G ET', 'GET\r\n', ''])(
    'of method %j is refused as a method nobody takes',
    async (method) => {
      const response = await sent(proxyEvent('/agents', { method }));
      expect([response.status, response.headers.get('allow')]).toEqual([
        405,
        'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
      ]);
    },
  );

  it('that is refused leaves its text out of the log', async () => {
    const before = stand.logged.length;
    await sent(proxyEvent('/agents/agent/tasks/../secret-id'));
    const [line] = stand.logged.slice(before);
    expect(line).toMatchObject({
      msg: 'event refused',
      failure: { code: 'path_refused', rule: 'dot_segment' },
    });
    expect(JSON.stringify(stand.logged.slice(before))).not.toContain('secret-id');
  });
});
