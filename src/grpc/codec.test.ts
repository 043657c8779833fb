import { describe, expect, it } from 'vitest';
import { GatewayError } from '../failure.ts';
import { decodeMessage } from './decode.ts';
import { encodeMessage } from './encode.ts';
import { sendMessageRequest, streamResponse, task } from './messages.ts';
import { grpcMethod } from './methods.ts';
import { formatTimestamp, parseTimestamp } from './timestamp.ts';

function through(type: typeof task, json: unknown): unknown {
  return decodeMessage(type, encodeMessage(type, json));
}

describe('a message in protobuf', () => {
  it('keeps a null in data, a zero that was said, and a member of any name', () => {
    const said = JSON.parse(
      '{"message":{"parts":[{"data":null},{"data":{"__proto__":{"a":[null,0,""]}}}]},"configuration":{"historyLength":0}}',
    );
    expect(JSON.stringify(through(sendMessageRequest, said))).toBe(JSON.stringify(said));
  });

  it('has no room for members it does not know, nor for numbers a double cannot hold', () => {
    const sent = { id: 't', vendor: 1, metadata: JSON.parse('{"n":9007199254740993}') };
    expect(through(task, sent)).toEqual({ id: 't', metadata: { n: 9007199254740992 } });
  });

  it('takes what ProtoJSON takes: names or numbers, both alphabets of base64, integers as text', () => {
    const said = {
      message: { role: 2, parts: [{ raw: '-_8' }] },
      configuration: { historyLength: '3', acceptedOutputModes: null },
    };
    expect(through(sendMessageRequest, said)).toEqual({
      message: { role: 'ROLE_AGENT', parts: [{ raw: '+/8=' }] },
      configuration: { historyLength: 3 },
    });
  });

  it('keeps the number of a state nobody here knows', () => {
    expect(through(task, { status: { state: 77 } })).toEqual({ status: { state: 77 } });
  });

  it('has the members A2A requires even where they are empty', () => {
    const method = grpcMethod('ListTasks', '1.0');
    expect(method?.decodeResult(new Uint8Array())).toEqual({
      tasks: [],
      nextPageToken: '',
      pageSize: 0,
      totalSize: 0,
    });
  });

  it('with two members of which one may be there keeps the last that came', () => {
    const first = encodeMessage(streamResponse, { task: { id: 'a' } });
    const second = encodeMessage(streamResponse, { message: { messageId: 'm' } });
    expect(decodeMessage(streamResponse, Buffer.concat([first, second]))).toEqual({
      message: { messageId: 'm' },
    });
  });
});

describe('a request that protobuf cannot hold', () => {
  it.each([
    ['message', { message: [] }, 'object expected'],
    ['message.taskId', { message: { taskId: 7 } }, 'string expected'],
    ['message.parts', { message: { parts: {} } }, 'array expected'],
    ['message.parts.1.raw', { message: { parts: [{ text: '' }, { raw: '?' }] } }, 'base64 expected'],
    ['message.parts.0.url', { message: { parts: [{ text: 'a', url: 'b' }] } }, 'one of several'],
    ['message.parts.0.text', { message: { parts: [{ text: '\ud800' }] } }, 'unicode'],
    ['message.role', { message: { role: 'user' } }, 'unknown name'],
    ['message.metadata', { message: { metadata: 'x' } }, 'object expected'],
    ['configuration.historyLength', { configuration: { historyLength: 1.5 } }, 'integer expected'],
    ['configuration.historyLength', { configuration: { historyLength: '99999999999' } }, 'integer expected'],
    ['configuration.returnImmediately', { configuration: { returnImmediately: 'true' } }, 'boolean expected'],
  ])('is refused at %s', (parameter, json, problem) => {
    const encode = () => grpcMethod('SendMessage', '1.0')?.encodeRequest(json);
    expect(encode).toThrow(GatewayError);
    expect(encode).toThrow(
      expect.objectContaining({ failure: { code: 'parameter_invalid', parameter, problem } }),
    );
  });

  it('is refused where it is too deep, on both sides', () => {
    const deep = (levels: number) => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
    const of = (levels: number) => ({ metadata: { a: deep(levels) } });
    expect(through(task, of(99))).toEqual(of(99));
    expect(() => encodeMessage(task, of(101))).toThrow('nesting');
  });
});

describe('a time', () => {
  it.each([
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'],
    ['2026-01-02T03:04:05.1Z', '2026-01-02T03:04:05.100Z'],
    ['2026-01-02T03:04:05.000001Z', '2026-01-02T03:04:05.000001Z'],
    ['2026-01-02T03:04:05.123456789Z', '2026-01-02T03:04:05.123456789Z'],
    ['2026-01-02T03:04:05+02:30', '2026-01-02T00:34:05Z'],
    ['2026-01-02T03:04:05-00:30', '2026-01-02T03:34:05Z'],
    ['2026-01-02T03:04:05', '2026-01-02T03:04:05Z'],
    ['1969-12-31T23:59:59.5Z', '1969-12-31T23:59:59.500Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
  ])('%s is told as %s', (given, told) => {
    expect(formatTimestamp(parseTimestamp(given))).toBe(told);
  });

  it.each([
    '',
    'yesterday',
    '2026-13-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '0000-01-01T00:00:00Z',
  ])('%j is none', (text) => {
    expect(() => parseTimestamp(text)).toThrow('timestamp');
  });
});
