import { beforeEach, describe, expect, it } from 'vitest';
import { cites } from '../../test/support/cites.ts';
import { type Failure, failureCodes } from '../failure.ts';
import { errorEvent, restErrorBody, restFailureBody, rpcErrorBody, rpcHttpStatus } from './errors.ts';

const info = 'type.googleapis.com/google.rpc.ErrorInfo';
const badRequest = 'type.googleapis.com/google.rpc.BadRequest';

const unavailable: Failure = { code: 'upstream_unavailable', status: 503, retryAfter: '7' };
const noPush: Failure = { code: 'push_unsupported' };
const refused: Failure = { code: 'member_refused', member: 'message.task_id', rule: 'alias' };

describe('an error body', () => {
  it('in JSON-RPC has the code, the id as spelled, and ErrorInfo in data', () => {
    cites('A2A-9.5-error-info');
    const body = rpcErrorBody(unavailable, '"a\\u0062"');
    expect(body.startsWith('{"jsonrpc":"2.0","id":"a\\u0062","error":')).toBe(true);
    expect(JSON.parse(body).error).toEqual({
      code: -32093,
      message: expect.any(String),
      data: [
        {
          '@type': info,
          reason: 'UPSTREAM_UNAVAILABLE',
          domain: 'a2a-gateway',
          metadata: { status: '503', retryAfter: '7' },
        },
      ],
    });
  });

  it('in HTTP+JSON of 0.3 is a bare code, message and data, named where the protocol has a name', () => {
    expect(JSON.parse(restFailureBody(noPush, '0.3'))).toEqual({
      code: -32003,
      message: expect.any(String),
      type: 'PushNotificationNotSupportedError',
      data: [expect.objectContaining({ '@type': info, reason: 'PUSH_NOTIFICATION_NOT_SUPPORTED' })],
    });
    expect(JSON.parse(restFailureBody(unavailable, '0.3'))).toEqual({
      code: -32093,
      message: expect.any(String),
      data: [expect.objectContaining({ reason: 'UPSTREAM_UNAVAILABLE', domain: 'a2a-gateway' })],
    });
  });

  it('in HTTP+JSON is a google.rpc.Status', () => {
    cites('A2A-11.6-status');
    expect(JSON.parse(restErrorBody(noPush))).toEqual({
      error: {
        code: 400,
        status: 'FAILED_PRECONDITION',
        message: expect.any(String),
        details: [
          {
            '@type': info,
            reason: 'PUSH_NOTIFICATION_NOT_SUPPORTED',
            domain: 'a2a-protocol.org',
            metadata: {},
          },
        ],
      },
    });
  });

  it.each<[Failure, { field: string; description: string }]>([
    [refused, { field: 'message.task_id', description: 'alias' }],
    [
      { code: 'parameter_invalid', parameter: 'topK', problem: 'number' },
      { field: 'topK', description: 'number' },
    ],
    [
      { code: 'card_invalid', path: '/name', problem: 'text' },
      { field: '/name', description: 'text' },
    ],
  ])('names the member at fault, for %j', (failure, violation) => {
    const expected = { '@type': badRequest, fieldViolations: [violation] };
    expect(JSON.parse(rpcErrorBody(failure, '1')).error.data[1]).toEqual(expected);
    expect(JSON.parse(restErrorBody(failure)).error.details[1]).toEqual(expected);
  });
});

describe('rpcHttpStatus', () => {
  beforeEach(() => cites('A2A-9.5-http-status'));

  it.each<[Failure, number]>([
    [{ code: 'token_missing' }, 401],
    [{ code: 'agent_forbidden' }, 403],
    [{ code: 'body_too_large', maxBodyBytes: 1 }, 413],
    [{ code: 'media_type_unsupported', expected: 'application/json' }, 415],
    [unavailable, 503],
    [refused, 200],
    [{ code: 'operation_unknown' }, 200],
    [{ code: 'upstream_reset' }, 200],
    [{ code: 'upstream_timeout', phase: 'headers' }, 200],
    [{ code: 'internal' }, 200],
  ])('of %j is %i', (failure, status) => {
    expect(rpcHttpStatus(failure)).toBe(status);
  });
});

describe('errorEvent', () => {
  it.each(failureCodes)('is one event of one data line for %s', (code) => {
    // Evidence is text or a number, and line ends in it are what could break the event.
    const failure = { code, problem: 'a\r\nb\n\nc', member: '\r', retryAfter: 'd' } as unknown as Failure;
    for (const body of [rpcErrorBody(failure, '"\\n"'), restErrorBody(failure)]) {
      expect(errorEvent(body)).toBe(`event: error\ndata: ${body}\n\n`);
      expect(body).not.toMatch(/[\r\n]/);
    }
  });
});
