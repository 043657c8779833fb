import { describe, expect, it } from 'vitest';
import { type Context, substitute } from '../../aws-local/api-gateway/context.ts';
import { GatewayRefusal, renderGatewayResponse } from '../../aws-local/api-gateway/gateway-response.ts';
import type { GatewayResponse } from '../../aws-local/api-gateway/model.ts';

const context = (): Context => new Map([['requestId', 'r-1']]);
const refusal = new GatewayRefusal('UNAUTHORIZED', 'for the log only');

describe('a gateway response', () => {
  it('is AWS’s own where the API has none', () => {
    expect(renderGatewayResponse(refusal, new Map(), context())).toEqual({
      status: 401,
      headers: [['content-type', 'application/json']],
      body: '{"message":"Unauthorized"}',
    });
  });

  it('has the headers and the body of its template, with variables in both', () => {
    const custom: GatewayResponse = {
      headers: { 'WWW-Authenticate': "'Bearer realm=\"a''b\"'", 'x-request-id': 'context.requestId' },
      templates: {
        'application/json':
          '{"id":"$context.requestId","m":$context.error.messageString,"n":"$context.none"}',
      },
    };
    const { status, headers, body } = renderGatewayResponse(
      refusal,
      new Map([['UNAUTHORIZED', custom]]),
      context(),
    );
    expect(status).toBe(401);
    expect(headers.slice(1)).toEqual([
      ['WWW-Authenticate', 'Bearer realm="a\'\'b"'],
      ['x-request-id', 'r-1'],
    ]);
    expect(body).toBe('{"id":"r-1","m":"Unauthorized","n":""}');
  });

  it('falls back to that of its class, whose status then counts', () => {
    const responses = new Map([
      ['DEFAULT_4XX', { statusCode: 404, headers: {}, templates: {} }],
      ['DEFAULT_5XX', { headers: {}, templates: { 'text/plain': 'broken' } }],
    ]);
    expect(renderGatewayResponse(refusal, responses, context()).status).toBe(404);
    const malformed = new GatewayRefusal('DEFAULT_5XX', 'malformed', { status: 502 });
    expect(renderGatewayResponse(malformed, responses, context())).toMatchObject({
      status: 502,
      body: 'broken',
    });
  });

  it('is picked by what the caller accepts', () => {
    const templates = { 'application/json': '{}', 'text/html': '<p>' };
    const responses = new Map([['UNAUTHORIZED', { headers: {}, templates }]]);
    expect(renderGatewayResponse(refusal, responses, context(), 'text/html').body).toBe('<p>');
    expect(renderGatewayResponse(refusal, responses, context(), 'image/png').body).toBe('{}');
  });

  it('has no header but a static text or a variable', () => {
    const responses = new Map([
      ['UNAUTHORIZED', { headers: { a: 'method.request.header.b' }, templates: {} }],
    ]);
    expect(() => renderGatewayResponse(refusal, responses, context())).toThrow(TypeError);
  });
});

it('a log line has a dash for what is not known', () => {
  expect(substitute('$context.requestId $context.authorizer.principalId.', context(), '-')).toBe('r-1 -.');
});
