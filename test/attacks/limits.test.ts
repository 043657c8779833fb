import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cell, cells } from '../requirements/clause.ts';
import { call } from '../support/bindings.ts';
import { type CellAnswer, cellCaller } from '../support/cell-caller.ts';
import { permit, register, startGateway, type TestGateway, withHeaders } from '../support/gateway.ts';
import { type GrpcCaller, grpcCaller, grpcSettings } from '../support/grpc.ts';
import { answerJson, nextCall } from '../support/scripted-agent.ts';
import { readStream } from '../support/stream-reader.ts';

/** Ways around what a caller may do, and ways to use up what others may. */

let gateway: TestGateway;
let callers = 0;
const operations = ['send', 'stream', 'read', 'cancel', 'push'];

beforeAll(async () => {
  gateway = await startGateway({ registration: null, settings: { grpc: grpcSettings } });
  for (const agentId of ['agent', 'other']) await register(gateway, { agentId });
  await permit(gateway, 'once', { allowedAgents: ['*'], operations, requestsPerMinute: 1 });
  await permit(gateway, 'small', { allowedAgents: ['*'], operations, maxBodyBytes: 256 });
  await permit(gateway, 'stream', { allowedAgents: ['*'], operations, maxOpenStreams: 1 });
});
afterAll(() => gateway.close());

/** A token of a caller whom nobody has counted yet. */
function newToken(scope: string, claims: Record<string, unknown> = {}): Promise<string> {
  callers += 1;
  return gateway.issuer.token({ sub: `caller-${callers}`, client_id: `client-${callers}`, scope, ...claims });
}

async function asked(cell: Cell, token: string, options: object = {}): Promise<CellAnswer> {
  const caller = cellCaller(gateway, cell, token);
  const answer = await caller.call('SendMessage', options);
  caller.close();
  return answer;
}

const isLimited = ({ error }: CellAnswer) => JSON.stringify(error.details ?? '').includes('LIMIT_EXCEEDED');

describe('the calls of a minute', () => {
  it('are one number, whatever a caller speaks', async () => {
    gateway.agent.script(answerJson({ error: {} }, 400));
    const token = await newToken('once');
    const limited: boolean[] = [];
    for (const cell of cells) limited.push(isLimited(await asked(cell, token)));
    expect(limited).toEqual([false, true, true, true, true, true]);
  });

  it.each<[string, RequestInit & { path?: string }]>([
    ['another token of the same caller', {}],
    ['a slash at the end', { path: '/agents/agent/' }],
    ['a body that is none', { body: '{' }],
    ['a method that is none', { body: '{"jsonrpc":"2.0","id":1,"method":"Nothing"}' }],
    ['another media type', { headers: { 'content-type': 'text/plain' } }],
    ['a version that is none', { headers: { 'a2a-version': '9.9' } }],
    ['forwarding headers', { headers: { 'x-forwarded-for': '192.0.2.1', 'x-real-ip': '192.0.2.1' } }],
  ])('are not more by %s', async (_, { path = '/agents/agent', headers = {}, body }) => {
    const sub = `same-${callers}`;
    await call(
      withHeaders(gateway, { authorization: `Bearer ${await newToken('once', { sub })}` }),
      'JSON-RPC',
      'GetTask',
    );
    const again = await gateway.fetch(path, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${await newToken('once', { sub, jti: 'another' })}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: body ?? '{"jsonrpc":"2.0","id":1,"method":"GetTask","params":{"id":"t-1"}}',
    });
    expect([again.status, (await again.text()).includes('LIMIT_EXCEEDED')]).toEqual([429, true]);
  });

  it('of one caller are nobody else’s, and of one agent no other’s', async () => {
    gateway.agent.script(answerJson({ error: {} }, 400));
    const token = await newToken('once');
    await asked('HTTP+JSON 1.0', token);
    expect(isLimited(await asked('HTTP+JSON 1.0', token))).toBe(true);
    expect(isLimited(await asked('HTTP+JSON 1.0', token, { agentId: 'other' }))).toBe(false);
    expect(isLimited(await asked('HTTP+JSON 1.0', await newToken('once')))).toBe(false);
  });

  it('are not spent by who is refused: another cannot use up what is yours with a token that is none', async () => {
    gateway.agent.script(answerJson({ error: {} }, 400));
    const sub = 'victim';
    const forged = `${await newToken('once', { sub })}x`;
    for (let n = 0; n < 3; n++) await asked('HTTP+JSON 1.0', forged);
    expect(isLimited(await asked('HTTP+JSON 1.0', await newToken('once', { sub })))).toBe(false);
  });
});

describe('the bytes of a body', () => {
  const text = 'x'.repeat(300);

  it.each(['JSON-RPC 1.0', 'HTTP+JSON 1.0', 'gRPC 1.0'] as const)(
    'are the caller’s own in %s',
    async (cell) => {
      gateway.agent.seen.splice(0);
      const params = { message: { messageId: 'm', role: 'ROLE_USER', parts: [{ text }] } };
      const { error } = await asked(cell, await newToken('small'), { params });
      expect(JSON.stringify(error.details)).toMatch(/BODY_TOO_LARGE.*"maxBodyBytes":"256"/);
      expect(gateway.agent.seen).toEqual([]);
    },
  );

  it('are counted where no length is told', async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(`{"jsonrpc":"2.0","id":1,"method":"${text}"}`));
        controller.close();
      },
    });
    const headers = {
      authorization: `Bearer ${await newToken('small')}`,
      'content-type': 'application/json',
    };
    const init = { method: 'POST', headers, body, duplex: 'half' };
    const answer = await gateway.fetch('/agents/agent', init as RequestInit);
    expect(answer.status).toBe(413);
  });
});

describe('a place of an open stream', () => {
  const stream = 'text/event-stream';

  /** Opens a stream that the agent holds. */
  async function opened(token: string) {
    const held = nextCall(gateway.agent);
    const caller = withHeaders(gateway, { authorization: `Bearer ${token}` });
    const answer = call(caller, 'HTTP+JSON', 'SendStreamingMessage');
    const { response, closed } = await held;
    response.writeHead(200, { 'content-type': stream }).write('data: {}\n\n');
    return { reader: readStream(await answer), response, closed };
  }

  const isFull = async (token: string, cell: Cell = 'HTTP+JSON 1.0') => {
    const caller = cellCaller(gateway, cell, token);
    const answer = await caller.call('SendStreamingMessage');
    caller.close();
    return isLimited(answer);
  };

  it('is taken in every way to speak, and by no call that is no stream', async () => {
    const token = await newToken('stream');
    const { reader, response } = await opened(token);
    await reader.until('\n\n');
    gateway.agent.script(answerJson({ error: {} }, 400));
    for (const cell of cells) expect([cell, await isFull(token, cell)]).toEqual([cell, true]);
    expect(isLimited(await asked('HTTP+JSON 1.0', token))).toBe(false);
    response.end();
    await reader.rest();
  });

  it('comes back however a stream ends', async () => {
    const token = await newToken('stream');
    const ends: ((open: Awaited<ReturnType<typeof opened>>) => Promise<unknown>)[] = [
      async ({ response, reader }) => {
        response.end();
        await reader.rest();
      },
      async ({ response, reader }) => {
        response.destroy();
        await reader.rest();
      },
      async ({ reader, closed }) => {
        await reader.leave();
        await closed;
      },
    ];
    for (const end of [...ends, ...ends]) {
      const open = await opened(token);
      await open.reader.until('\n\n');
      await end(open);
      gateway.agent.script(answerJson({ error: {} }, 400));
      await expect.poll(() => isFull(token), { interval: 10 }).toBe(false);
    }
  });

  it.each<[string, Parameters<TestGateway['agent']['script']>[0]]>([
    ['refuses', answerJson({ error: {} }, 400)],
    ['hangs up', (_, response) => response.destroy()],
    ['answers nonsense', answerJson('nonsense', 200, 'text/plain')],
    ['answers without a stream', answerJson({ jsonrpc: '2.0', id: 1, result: {} })],
  ])('comes back where the agent %s', async (_, script) => {
    const token = await newToken('stream');
    gateway.agent.script(script);
    for (const cell of [...cells, ...cells]) expect([cell, await isFull(token, cell)]).toEqual([cell, false]);
  });

  it('comes back from who leaves before the agent has answered', async () => {
    const token = await newToken('stream');
    const callers: GrpcCaller[] = [];
    for (let n = 0; n < 3; n++) {
      const held = nextCall(gateway.agent);
      const caller = grpcCaller(gateway.grpcAddress, { token });
      callers.push(caller);
      const message = {
        tenant: 'agent',
        message: { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'x' }] },
      };
      const open = caller.open('SendStreamingMessage', message);
      const { closed } = await held;
      open.stream.cancel();
      await closed;
      gateway.agent.script(answerJson({ error: {} }, 400));
      await expect.poll(() => isFull(token), { interval: 10 }).toBe(false);
    }
    for (const caller of callers) caller.close();
  });
});
