import { describe, expect, it } from 'vitest';
import { cites } from '../../test/support/cites.ts';
import type { UpstreamResponse } from '../ports.ts';
import { type Operation, type OperationName, operations } from '../protocol/operations.ts';
import type { Binding } from '../protocol/protocols.ts';
import { callerHeaders, upstreamHeaders } from './headers.ts';

function named(name: OperationName): Operation {
  const operation = operations.find((known) => known.name === name);
  if (operation === undefined) throw new Error(name);
  return operation;
}

function sent(headers: Record<string, string>, binding: Binding, name: OperationName, hasBody = true) {
  return upstreamHeaders(new Headers(headers), {
    binding,
    operation: named(name),
    version: '1.0',
    requestId: 'r-1',
    hasBody,
  });
}

function answered(headers: Record<string, string>): UpstreamResponse {
  return {
    status: 200,
    header: (name) => headers[name],
    trailer: () => undefined,
    bytes: async () => new Uint8Array(),
    async *chunks() {},
    close() {},
  };
}

describe('upstreamHeaders', () => {
  it("are the gateway's own where the caller sends nothing to hand on", () => {
    expect(sent({}, 'JSONRPC', 'SendMessage')).toEqual({
      'a2a-version': '1.0',
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': 'a2a-gateway',
      'x-request-id': 'r-1',
    });
  });

  it('hand on what speaks to the agent, unchanged', () => {
    const headers = {
      'a2a-extensions': 'https://a.example/x, https://b.example/y',
      'accept-language': 'de, en;q=0.5',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'a=1',
      'last-event-id': '7',
    };
    expect(sent(headers, 'HTTP+JSON', 'GetTask', false)).toMatchObject(headers);
  });

  it('name extensions as the version does', () => {
    cites('A2A-3.2.6-extensions', 'A2A-4.6.3-unknown-extension');
    const uri = 'https://a.example/x';
    const headers = new Headers({ 'a2a-extensions': `${uri}?1.0`, 'x-a2a-extensions': `${uri}?0.3` });
    const common = {
      binding: 'JSONRPC',
      operation: named('SendMessage'),
      requestId: 'r-1',
      hasBody: true,
    } as const;
    const legacy = upstreamHeaders(headers, { ...common, version: '0.3' });
    expect(legacy).toMatchObject({ 'a2a-version': '0.3', 'x-a2a-extensions': `${uri}?0.3` });
    expect(legacy).not.toHaveProperty('a2a-extensions');
    const current = upstreamHeaders(headers, { ...common, version: '1.0' });
    expect(current).toMatchObject({ 'a2a-version': '1.0', 'a2a-extensions': `${uri}?1.0` });
    expect(current).not.toHaveProperty('x-a2a-extensions');
  });

  it.each([
    'authorization',
    'cookie',
    'proxy-authorization',
    'connection',
    'transfer-encoding',
    'te',
    'upgrade',
    'host',
    'content-length',
    'content-encoding',
    'expect',
    'origin',
    'referer',
    'forwarded',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-real-ip',
    'x-api-key',
    'x-amzn-oidc-identity',
    'x-user',
    'x-vendor',
  ])('keep %s here', (name) => {
    expect(sent({ [name]: 'value' }, 'HTTP+JSON', 'SendMessage')).not.toHaveProperty(name);
  });

  it('do not let the caller choose what the gateway says', () => {
    const headers = { 'a2a-version': '0.3', accept: 'text/html', 'user-agent': 'x', 'x-request-id': 'x' };
    expect(sent(headers, 'JSONRPC', 'SendMessage')).toEqual(sent({}, 'JSONRPC', 'SendMessage'));
  });

  it.each<[Binding, OperationName, string]>([
    ['JSONRPC', 'SendStreamingMessage', 'text/event-stream, application/json'],
    ['HTTP+JSON', 'GetTask', 'application/a2a+json, application/json'],
    ['HTTP+JSON', 'SubscribeToTask', 'text/event-stream, application/a2a+json, application/json'],
  ])('in %s accept what %s may answer', (binding, name, accept) => {
    expect(sent({}, binding, name).accept).toBe(accept);
  });

  it.each<[Binding, string, boolean, string | undefined]>([
    ['HTTP+JSON', 'application/a2a+json', true, 'application/a2a+json'],
    ['HTTP+JSON', 'Application/A2A+JSON; charset=utf-8', true, 'application/a2a+json'],
    ['HTTP+JSON', 'application/json', true, 'application/json'],
    ['HTTP+JSON', 'application/a2a+json', false, undefined],
    ['JSONRPC', 'application/a2a+json', true, 'application/json'],
  ])('in %s for a body of %s (%s) give the type %s', (binding, type, hasBody, expected) => {
    const headers = sent({ 'content-type': type }, binding, 'CancelTask', hasBody);
    expect(headers['content-type']).toBe(expected);
  });
});

describe('callerHeaders', () => {
  it('hand back what speaks to the caller, and let nothing store it', () => {
    cites('A2A-3.2.6-extensions');
    const headers = {
      'content-type': 'application/a2a+json',
      'a2a-version': '1.0',
      'a2a-extensions': 'https://a.example/x',
      'x-a2a-extensions': 'https://a.example/x',
      'retry-after': '7',
    };
    expect(callerHeaders(answered(headers))).toEqual({ ...headers, 'cache-control': 'no-store' });
  });

  it.each([
    'www-authenticate',
    'proxy-authenticate',
    'set-cookie',
    'server',
    'x-powered-by',
    'location',
    'via',
    'connection',
    'transfer-encoding',
    'content-length',
    'cache-control',
    'etag',
    'access-control-allow-origin',
    'strict-transport-security',
    'x-request-id',
  ])("keep the agent's %s here", (name) => {
    expect(callerHeaders(answered({ [name]: 'value' }))).toEqual({ 'cache-control': 'no-store' });
  });
});
