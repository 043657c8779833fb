import { describe, expect, it } from 'vitest';
import { httpEvent } from './event.ts';

const call = { requestId: 'request-1', nowMs: Date.UTC(2020, 2, 12, 19, 3, 58, 390) };

describe('the event of a request', () => {
  it('has its target as it is, and its query read', () => {
    const url = new URL('https://lambda.example/tasks/a%2Fb?state=a%20b&state=c&x');
    expect(httpEvent({ method: 'GET', url, headers: { 'User-Agent': 'a2a-gateway' } }, call)).toMatchObject({
      rawPath: '/tasks/a%2Fb',
      rawQueryString: 'state=a%20b&state=c&x',
      queryStringParameters: { state: 'a b,c', x: '' },
      headers: { host: 'lambda.example', 'user-agent': 'a2a-gateway' },
      requestContext: {
        http: { method: 'GET', path: '/tasks/a%2Fb' },
        requestId: 'request-1',
        time: '12/Mar/2020:19:03:58 +0000',
        timeEpoch: call.nowMs,
      },
      isBase64Encoded: false,
    });
  });

  it('carries text as it is, and bytes as base64', () => {
    const request = { method: 'POST', url: new URL('https://lambda.example/'), headers: {} } as const;
    expect(httpEvent({ ...request, body: '{"é":1}' }, call)).toMatchObject({
      body: '{"é":1}',
      isBase64Encoded: false,
    });
    expect(httpEvent({ ...request, body: new Uint8Array([0, 255]) }, call)).toMatchObject({
      body: 'AP8=',
      isBase64Encoded: true,
    });
  });
});
