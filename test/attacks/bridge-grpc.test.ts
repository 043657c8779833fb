import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeMessage } from '../../src/grpc/encode.ts';
import { frameOf } from '../../src/grpc/frames.ts';
import { list, messageOf, one } from '../../src/grpc/schema.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { type GrpcCaller, grpcCaller, grpcSettings, rpcError } from '../support/grpc.ts';
import { answerBytes, answerGrpc, asking, type GrpcScript, grpcAgent } from '../support/grpc-agent.ts';
import { statusOfStream, wireCaller } from '../support/grpc-wire.ts';
import { answerJson, type Script } from '../support/scripted-agent.ts';

/** Odd things said in gRPC: by agents that speak it, and by other agents to callers who do. */

const task = { id: 't-1', contextId: 'c-1', status: { state: 'TASK_STATE_WORKING' } };
const infoType = 'type.googleapis.com/google.rpc.ErrorInfo';

describe('an agent of gRPC that answers with', () => {
  const endingWith = (trailers: Record<string, string>) => answerGrpc([], trailers);
  const withDetails = (details: Uint8Array) => {
    const bytes = Buffer.from(details).toString('base64');
    return endingWith({ 'grpc-status': '5', 'grpc-status-details-bin': bytes });
  };
  const any = messageOf({ typeUrl: one(1), value: one(2, 'bytes') });
  const detailOf = (typeUrl: string) =>
    encodeMessage(messageOf({ details: list(3, any) }), { details: [{ typeUrl, value: 'AAAA' }] });

  it.each<[what: string, GrpcScript, error: object]>([
    ['a status that is none', endingWith({ 'grpc-status': '00' }), { rpcCode: -32603 }],
    ['an empty status', endingWith({ 'grpc-status': '' }), { rpcCode: -32603 }],
    [
      'line breaks in its message',
      endingWith({ 'grpc-status': '5', 'grpc-message': 'a%0D%0Aset-cookie: b' }),
      { reason: 'TASK_NOT_FOUND', message: 'a\r\nset-cookie: b' },
    ],
    [
      'a message that is not encoded',
      endingWith({ 'grpc-status': '5', 'grpc-message': '100%zz' }),
      { reason: 'TASK_NOT_FOUND', message: '100%zz' },
    ],
    ['details that are none', withDetails(Buffer.alloc(11, 0xff)), { details: [] }],
    [
      'details of a type called like a member of Object',
      withDetails(detailOf('type/constructor')),
      { details: [{ '@type': 'type/constructor', value: 'AAAA' }] },
    ],
    [
      'details of a type called like the prototype',
      withDetails(detailOf('__proto__')),
      { details: [{ '@type': '__proto__', value: 'AAAA' }] },
    ],
  ])('%s is understood', async (_what, script, error) => {
    const { answer } = (await asking(await grpcAgent(script), 'GetTask', { id: 't-1' })) as {
      answer: unknown;
    };
    expect(answer).toMatchObject({ ok: false, error });
  });

  it('less than it says cannot be read', async () => {
    const cut = frameOf(new Uint8Array([0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]));
    const asked = asking(await grpcAgent(answerBytes(cut, { 'grpc-status': '0' })), 'GetTask', { id: 't-1' });
    await expect(asked).rejects.toMatchObject({ failure: { code: 'upstream_response_invalid' } });
  });
});

describe('a caller over gRPC', () => {
  let gateway: TestGateway;
  let caller: GrpcCaller;
  let token: string;

  beforeAll(async () => {
    gateway = await startGateway({ settings: { grpc: grpcSettings } });
    token = await gateway.issuer.token();
    caller = grpcCaller(gateway.grpcAddress, { token });
  });
  afterAll(async () => {
    caller.close();
    await gateway.close();
  });

  async function asked(script: Script) {
    gateway.agent.script(script);
    return caller.call('GetTask', { tenant: 'agent', id: 't-1' });
  }

  it('gets an answer whose headers have no place in metadata without them', async () => {
    const { code, messages, head } = await asked((_request, response) => {
      const more = { 'a2a-extensions': 'caf\u00e9', 'retry-after': 'caf\u00e9' };
      response.writeHead(200, { 'content-type': 'application/json', ...more });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, result: task }));
    });
    expect([code, messages.length]).toEqual([status.OK, 1]);
    expect(Object.keys(head.getMap())).not.toContain('a2a-extensions');
  });

  it('gets no number that is none', async () => {
    const result = JSON.stringify({ ...task, metadata: { a: 'x' } }).replace('"x"', '1e400');
    const { code, details } = await asked(answerJson(`{"jsonrpc":"2.0","id":1,"result":${result}}`));
    expect(code).toBe(status.INTERNAL);
    expect(details).toMatchObject([{ reason: 'INVALID_AGENT_RESPONSE' }]);
  });

  it.each<[what: string, message: unknown, data: unknown, text: string, details: object[]]>([
    ['line breaks', 'a\r\nset-cookie: b', undefined, 'a\r\nset-cookie: b', [{ reason: 'TASK_NOT_FOUND' }]],
    ['half a character', 'a\ud800', undefined, 'a\ufffd', [{ reason: 'TASK_NOT_FOUND' }]],
    ['a number for a message', 5, undefined, '', [{ reason: 'TASK_NOT_FOUND' }]],
    [
      'details of types called like members of Object',
      'no',
      [{ '@type': 'constructor' }, { '@type': '__proto__', value: 5 }],
      'no',
      [{ reason: 'TASK_NOT_FOUND' }, { value: { '@type': 'constructor' } }, { value: { value: 5 } }],
    ],
    [
      'details too large for trailers',
      'no',
      [{ '@type': infoType, reason: 'A'.repeat(9_000), domain: 'agent.example' }],
      'no',
      [{ reason: 'TASK_NOT_FOUND' }],
    ],
    [
      'a hundred thousand details',
      'no',
      Array(100_000).fill({ '@type': 'a' }),
      'no',
      [{ reason: 'TASK_NOT_FOUND' }],
    ],
    ['data too large for trailers', 'no', 'A'.repeat(9_000), 'no', [{ reason: 'TASK_NOT_FOUND' }]],
  ])('is told of an error with %s', async (_what, message, data, text, details) => {
    const outcome = await asked(rpcError(-32001, message as string, data)); // Whatever an agent may send.
    expect([outcome.code, outcome.text]).toEqual([status.NOT_FOUND, text]);
    expect(outcome.details).toMatchObject(details);
  });

  it('whose time is over when the call begins does not reach the agent', async () => {
    gateway.agent.script(answerJson({ jsonrpc: '2.0', id: 1, result: task }));
    gateway.agent.seen.splice(0);
    const wire = wireCaller(gateway.grpcAddress, token);
    const late = wire.send('GetTask', { tenant: 'agent', id: 't-1' }, { 'grpc-timeout': '0S' });
    expect(await statusOfStream(late)).toBe(status.DEADLINE_EXCEEDED);
    const inTime = wire.send('GetTask', { tenant: 'agent', id: 't-2' }, { 'grpc-timeout': '10S' });
    expect(await statusOfStream(inTime)).toBe(status.OK);
    expect(gateway.agent.seen.map(({ body }) => /t-\d/.exec(body)?.[0])).toEqual(['t-2']);
    wire.close();
  });
});
