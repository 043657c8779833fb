import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { createApiGateway } from '../../aws-local/api-gateway/api-gateway.ts';
import type { Api, Authorizer, Integration, Method } from '../../aws-local/api-gateway/model.ts';
import type { LocalFunction } from '../../aws-local/lambda/function-pool.ts';
import { endWithFile } from '../support/endings.ts';
import { exchange, rawRequest } from '../support/raw.ts';
import { readStream } from '../support/stream-reader.ts';
import {
  apiOf,
  diesWithItsReader,
  eventually,
  fakeFunction,
  functionOf,
  resourcesOf,
  type TestFunction,
} from './support.ts';

const lines: { access: string[]; debug: string[] } = { access: [], debug: [] };
let url: string;
let buffered: ReturnType<typeof fakeFunction>;
let streaming: TestFunction;

/** The last word of the path says what the function does. */
const streamSource = `export const handler = awslambda.streamifyResponse(async (event, stream) => {
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const what = event.pathParameters.proxy;
  if (what === 'fail') throw new Error('before the prelude');
  if (what === 'bare') { stream.write('no prelude'); stream.end(); return; }
  const prelude = { statusCode: 203, headers: { 'content-type': 'text/event-stream', 'WWW-Authenticate': 'Bearer', connection: 'x' }, cookies: ['a=1', 'b=2'] };
  const body = awslambda.HttpResponseStream.from(stream, prelude);
  body.write('');
  if (what === 'silent') return wait(60_000);
  if (what === 'left') {
    const closed = new Promise((resolve) => body.once('close', resolve));
    body.on('error', () => {});
    body.write('data: 1\\n\\n');
    await closed;
    console.log('reader left');
    return;
  }
  for (let n = 1; n <= 3; n += 1) { body.write('data: ' + n + '\\n\\n'); await wait(30); }
  if (what === 'break') throw new Error('in mid-stream');
  body.end();
});`;

beforeAll(async () => {
  let answer: unknown;
  buffered = fakeFunction((event) => {
    answer = (event as { body: string | null }).body; // The tests send what is to be answered.
    return answer === null ? { statusCode: 204 } : JSON.parse(answer as string);
  });
  streaming = await functionOf(streamSource, { timeoutSeconds: 20 });
  const authorizerFunction = fakeFunction((event) => {
    const { headers } = event as { headers: Record<string, string> };
    const Resource = headers.authorization === 'all' ? '*' : 'arn:aws:execute-api:*:*:*/live/GET/other';
    const Statement = [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource }];
    return { principalId: headers.authorization, policyDocument: { Statement }, context: { scopes: 'a b' } };
  });
  const functions = new Map<string, LocalFunction>([
    ['buffered', buffered],
    ['streaming', streaming],
    ['authorizer', authorizerFunction],
  ]);
  const handle = createApiGateway({
    api: testApi(),
    functions,
    accessLog: (line) => void lines.access.push(line),
    debug: (line) => void lines.debug.push(line),
    streamIdleTimeoutMs: 300,
  });
  const server = createServer(
    { maxHeaderSize: 64 * 1024 },
    (request, response) => void handle(request, response),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  endWithFile(async () => {
    server.close();
    server.closeAllConnections();
  });
});

function testApi(): Api {
  const identitySources = ['method.request.header.Authorization'];
  const authorizer: Authorizer = { name: 'A', functionArn: 'authorizer', identitySources, ttlSeconds: 60 };
  const whole: Integration = { functionArn: 'buffered', mode: 'BUFFERED', timeoutMs: 5_000 };
  const pieces: Integration = { functionArn: 'streaming', mode: 'STREAM', timeoutMs: 20_000 };
  const any = (method: Method) => new Map<string, Method>([['ANY', method]]);
  const root = resourcesOf({
    '/buffered': any({ integration: whole }),
    '/buffered/{id}': any({ integration: whole }),
    '/guarded/{proxy+}': any({ integration: whole, authorizer }),
    '/stream/{proxy+}': any({ integration: pieces }),
    '/narrow': any({ integration: whole }),
  });
  const throttles = [{ httpMethod: '*', resourcePath: '/narrow', rateLimit: 0.001, burstLimit: 1 }];
  const accessLogFormat =
    '$context.httpMethod $context.resourcePath $context.status $context.authorizer.principalId';
  return apiOf(root, {
    stage: { name: 'live', variables: { colour: 'blue' }, throttles, accessLogFormat },
    binaryMediaTypes: ['image/png'],
    gatewayResponses: new Map([
      ['UNAUTHORIZED', { headers: { 'WWW-Authenticate': "'Bearer'" }, templates: {} }],
    ]),
  });
}

const answering = (answer: unknown) => ({ method: 'POST', body: JSON.stringify(answer) });

describe('the event of a request', () => {
  it('is a proxy event of payload format 1.0', async () => {
    const answer = { statusCode: 200, body: 'ok' };
    await fetch(`${url}/buffered/a%2Fb?x=1&x=%C3%A4+b&y`, {
      ...answering(answer),
      headers: [
        ['X-Twice', '1'],
        ['x-twice', '2'],
        ['content-type', 'application/json'],
        ['x-forwarded-for', '192.0.2.1'],
      ],
    });
    expect(buffered.events.at(-1)).toMatchObject({
      resource: '/buffered/{id}',
      path: '/buffered/a%2Fb',
      httpMethod: 'POST',
      headers: { 'X-Forwarded-For': expect.stringMatching(/^192\.0\.2\.1, /) },
      queryStringParameters: { x: 'ä b', y: '' },
      multiValueQueryStringParameters: { x: ['1', 'ä b'], y: [''] },
      pathParameters: { id: 'a%2Fb' },
      stageVariables: { colour: 'blue' },
      requestContext: {
        path: '/buffered/a%2Fb',
        stage: 'live',
        resourcePath: '/buffered/{id}',
        apiId: 'abc123defg',
      },
      body: JSON.stringify(answer),
      isBase64Encoded: false,
    });
  });

  it('has every value of a header, and the last one alone', async () => {
    await exchange(
      url,
      rawRequest('GET /buffered', ['X-Many: 1', 'x-many: 2', 'X-Amzn-Trace-Id: Root=forged']),
    );
    const event = buffered.events.at(-1) as {
      headers: Record<string, string>;
      multiValueHeaders: Record<string, string[]>;
    };
    expect(event.headers['X-Many']).toBe('2');
    expect(event.multiValueHeaders['X-Many']).toEqual(['1', '2']);
    expect(Object.values(event.headers)).not.toContain('Root=forged');
  });

  it('has a body of a binary media type as base64, and null for none', async () => {
    await fetch(`${url}/buffered`, {
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body: new Uint8Array([0xff, 0]),
    });
    expect(buffered.events.at(-1)).toMatchObject({ body: '/wA=', isBase64Encoded: true });
    await fetch(`${url}/buffered`);
    expect(buffered.events.at(-1)).toMatchObject({
      body: null,
      isBase64Encoded: false,
      queryStringParameters: null,
    });
  });

  it('is without the stage under the execute-api host, and knows it all the same', async () => {
    const host = 'host: abc123defg.execute-api.localhost';
    expect((await exchange(url, rawRequest('GET /live/buffered', [host]))).status).toBe(204);
    expect(buffered.events.at(-1)).toMatchObject({
      path: '/buffered',
      requestContext: { path: '/live/buffered' },
    });
    expect((await exchange(url, rawRequest('GET /other/buffered', [host]))).status).toBe(403);
  });
});

describe('an answer in one piece', () => {
  it('has its status, its headers and its body', async () => {
    const multiValueHeaders = { 'set-cookie': ['a=1', 'b=2'] };
    const answer = { statusCode: 201, headers: { 'x-own': '1' }, multiValueHeaders, body: 'ä' };
    const response = await fetch(`${url}/buffered`, answering(answer));
    expect([response.status, response.headers.get('x-own'), await response.text()]).toEqual([201, '1', 'ä']);
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('x-amzn-requestid')).not.toBeNull();
  });

  it('cannot challenge: its WWW-Authenticate travels under another name', async () => {
    const { headers } = await fetch(
      `${url}/buffered`,
      answering({ headers: { 'WWW-Authenticate': 'Bearer' } }),
    );
    expect([headers.get('www-authenticate'), headers.get('x-amzn-remapped-www-authenticate')]).toEqual([
      null,
      'Bearer',
    ]);
  });

  it('is decoded only for a caller that accepts a binary type', async () => {
    const sent = answering({ body: '/wA=', isBase64Encoded: true });
    const decoded = await fetch(`${url}/buffered`, { ...sent, headers: { accept: 'image/png' } });
    expect(new Uint8Array(await decoded.arrayBuffer())).toEqual(new Uint8Array([0xff, 0]));
    expect(await (await fetch(`${url}/buffered`, sent)).text()).toBe('/wA=');
  });

  it.each([['text'], [{ statusCode: 'x' }], [{ body: {} }], [null]])(
    'is malformed as %j: 502',
    async (answer) => {
      const response = await fetch(`${url}/buffered`, answering(answer));
      expect([response.status, await response.json()]).toEqual([502, { message: 'Internal server error' }]);
    },
  );
});

describe('an answer in pieces', () => {
  it('passes on each piece as it comes, behind the prelude', async () => {
    const response = await fetch(`${url}/stream/events`);
    expect(response.status).toBe(203);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(response.headers.get('www-authenticate')).toBeNull();
    const stream = readStream(response);
    expect(await stream.until('data: 1\n\n')).toBe('data: 1\n\n');
    expect(await stream.rest()).toBe('data: 2\n\ndata: 3\n\n');
  });

  it.each(['fail', 'bare'])('that does not begin in form is a 502: %s', async (what) => {
    expect((await fetch(`${url}/stream/${what}`)).status).toBe(502);
  });

  it.each(['break', 'silent'])('that ends early cuts the connection: %s', async (what) => {
    const response = await fetch(`${url}/stream/${what}`);
    expect(response.status).toBe(203);
    await expect(response.text()).rejects.toThrow();
  });

  it.skipIf(diesWithItsReader)('ends when the caller leaves', async () => {
    const stream = readStream(await fetch(`${url}/stream/left`));
    await stream.until('data: 1');
    await stream.leave();
    await eventually(() => streaming.lines.join()).toContain('reader left');
  });
});

describe('what API Gateway answers itself', () => {
  const get = async (path: string, headers: Record<string, string> = {}) =>
    (await fetch(url + path, { headers })).status;

  it('is 401 with its challenge without a token, and 403 where the policy does not allow', async () => {
    const response = await fetch(`${url}/guarded/x`);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
    expect(await get('/guarded/x', { authorization: 'other' })).toBe(403);
    expect(await get('/guarded/x', { authorization: 'all' })).toBe(204);
    const { requestContext } = buffered.events.at(-1) as { requestContext: unknown };
    expect(requestContext).toMatchObject({ authorizer: { principalId: 'all', scopes: 'a b' } });
  });

  it('is 403 for what no resource serves', async () => {
    const response = await fetch(`${url}/elsewhere`);
    expect([response.status, await response.json()]).toEqual([
      403,
      { message: 'Missing Authentication Token' },
    ]);
  });

  it('is 413 for a payload beyond 10 MB, and for an event beyond 6 MB', async () => {
    const sent = (bytes: number) => fetch(`${url}/buffered`, { method: 'POST', body: 'x'.repeat(bytes) });
    expect((await sent(6 * 1024 * 1024 + 1)).status).toBe(413);
    const announced = rawRequest('POST /buffered', [`content-length: ${10 * 1024 * 1024 + 1}`]);
    expect((await exchange(url, announced)).status).toBe(413);
  });

  it('is 431 for a head beyond 10,240 bytes, 414 for a method ARN beyond 1,600', async () => {
    expect(await get('/buffered', { 'x-long': 'x'.repeat(10_240) })).toBe(431);
    expect(await get(`/guarded/${'x'.repeat(1_600)}`, { authorization: 'all' })).toBe(414);
  });

  it('is 429 beyond the stage’s rate', async () => {
    expect([await get('/narrow'), await get('/narrow')]).toEqual([204, 429]);
  });

  it.each(['http://127.0.0.1/buffered', '*'])('is 400 for a target in another form: %s', async (target) => {
    expect((await exchange(url, rawRequest(`OPTIONS ${target}`))).status).toBe(400);
  });

  it('is logged as the stage’s format says, and why it is so for the operator', async () => {
    await fetch(`${url}/guarded/x`, { headers: { authorization: 'nobody' } });
    await eventually(() => lines.access.at(-1)).toBe('GET /guarded/{proxy+} 403 -');
    expect(lines.debug.at(-1)).toBe('GET /guarded/{proxy+} ACCESS_DENIED: implicit_deny');
  });
});
