import {
  decodeErrorInfo,
  decodeStatus as decodeOfficial,
  encodeGrpcStatusDetails,
} from '@a2a-js/sdk/errors/grpc';
import { describe, expect, it } from 'vitest';
import { decodeStatusMessage } from './status.ts';
import { decodeStatus, encodeStatus } from './status-details.ts';

const errorInfo = {
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason: 'TASK_NOT_FOUND',
  domain: 'a2a-protocol.org',
  metadata: { taskId: 't-1' },
};

it.each([
  ['100 %25 gr%C3%BCn%0A', '100 % grün\n'],
  ['50 % off', '50 % off'],
  ['', ''],
])('the message %j means %j', (sent, meant) => {
  expect(decodeStatusMessage(sent)).toBe(meant);
});

describe('the details of a status', () => {
  it('are those the SDK writes, and are read by it', () => {
    const bytes = encodeGrpcStatusDetails(5, 'none', 'TASK_NOT_FOUND', { taskId: 't-1' });
    expect(decodeStatus(bytes)).toEqual({ code: 5, message: 'none', details: [errorInfo] });
    const { code, message, details } = decodeOfficial(
      Buffer.from(encodeStatus({ code: 5, message: 'none', details: [errorInfo] })),
    );
    expect([code, message]).toEqual([5, 'none']);
    expect(decodeErrorInfo(Buffer.from(details[0]?.value ?? []))).toEqual({
      reason: 'TASK_NOT_FOUND',
      domain: 'a2a-protocol.org',
      metadata: { taskId: 't-1' },
    });
  });

  it.each([
    [errorInfo],
    [
      {
        '@type': 'type.googleapis.com/google.rpc.BadRequest',
        fieldViolations: [{ field: 'message.parts', description: 'empty' }],
      },
    ],
    [{ '@type': 'type.googleapis.com/google.rpc.Help', links: [{ url: 'https://agent.example/help' }] }],
    [{ '@type': 'type.googleapis.com/google.protobuf.Struct', value: { code: -32999, deep: [1, null] } }],
    [{ '@type': 'type.googleapis.com/google.protobuf.Value', value: 'some data' }],
    [{ '@type': 'type.example/vendor.Detail', value: 'AQIDBA==' }],
  ])('come back as they were: %j', (detail) => {
    expect(decodeStatus(encodeStatus({ code: 3, message: 'm', details: [detail] })).details).toEqual([
      detail,
    ]);
  });

  it('that are no google.rpc details travel as a Struct', () => {
    const details = [{ vendor: 'x' }, 7, { '@type': 'type.example/vendor.Detail', member: true }];
    const type = 'type.googleapis.com/google.protobuf.Struct';
    expect(decodeStatus(encodeStatus({ code: 3, message: '', details })).details).toEqual([
      { '@type': type, value: { vendor: 'x' } },
      { '@type': type, value: { value: 7 } },
      { '@type': type, value: details[2] },
    ]);
  });

  it('that are not what their type says keep their bytes', () => {
    const value = Buffer.from([0x0a, 0x7f]).toString('base64');
    const type = errorInfo['@type'];
    const unknown = 'x'.repeat(type.length);
    const bytes = encodeStatus({ code: 3, message: '', details: [{ '@type': unknown, value }] });
    const text = Buffer.from(bytes).toString('latin1').replace(unknown, type);
    expect(decodeStatus(Buffer.from(text, 'latin1')).details).toEqual([{ '@type': type, value }]);
  });
});
