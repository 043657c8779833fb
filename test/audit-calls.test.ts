import { afterEach, describe, expect, it } from 'vitest';
import type { UsageCounts } from '../src/store/ports/audit.ts';
import { permit, rpc, startGateway, type TestGateway, type TestGatewayOptions } from './support/gateway.ts';
import { answerEvents, answerJson } from './support/scripted-agent.ts';
import { findingsIn, recorded, recordsOf, usageOf } from './support/trail.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

async function start(options: TestGatewayOptions = {}): Promise<void> {
  gateway = await startGateway(options);
}

const message = {
  message: { messageId: 'm1', role: 'ROLE_USER', parts: [{ text: 'what only the agent is to know' }] },
};
const agentPath = '/agents/agent';
const send = (headers: Record<string, string> = {}) => call('SendMessage', headers);

async function call(method: string, headers: Record<string, string> = {}): Promise<Response> {
  const { headers: own, ...init } = rpc(method, message);
  return gateway.fetch(agentPath, { ...init, headers: { ...(own as Record<string, string>), ...headers } });
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** A task of the agent, as JSON-RPC answers it. */
const task = { id: 't-1', contextId: 'c-1', status: { state: 'TASK_STATE_WORKING' } };
const taskAnswer = { jsonrpc: '2.0', id: 1, result: { task } };

describe('a call', () => {
  it('is on record with who, what, by which permission, and what came of it', async () => {
    await start();
    gateway.agent.script(answerJson(taskAnswer));
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const answer = await send({ traceparent: `00-${traceId}-b7ad6b7169203331-01` });
    const text = await answer.text();
    const [record] = await recorded(gateway, { operation: 'SendMessage' });
    expect(record).toEqual({
      event: 'call',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      requestId: answer.headers.get('x-request-id'),
      traceId,
      issuer: gateway.issuer.issuer,
      subject: 'alice',
      clientId: expect.any(String),
      agentId: 'agent',
      operation: 'SendMessage',
      taskId: 't-1',
      decision: 'allow',
      rule: 'demo',
      httpStatus: 200,
      requestBytes: bytesOf(String(rpc('SendMessage', message).body)),
      responseBytes: bytesOf(text),
      durationMs: expect.any(Number),
    });
  });

  it('is on record in HTTP+JSON as in JSON-RPC', async () => {
    await start({ registration: { preferredBinding: undefined } });
    const init = { method: 'POST', body: JSON.stringify(message) };
    const headers = { 'content-type': 'application/json' };
    await gateway.fetch(`${agentPath}/message:send`, { ...init, headers });
    await gateway.fetch(`${agentPath}/tasks/t-7`, {});
    await recorded(gateway, { operation: 'SendMessage', decision: 'allow', rule: 'demo' });
    await recorded(gateway, { operation: 'GetTask', taskId: 't-7', rule: 'demo' });
  });

  it('that is refused is on record with the reason', async () => {
    await start();
    await gateway.fetch('/agents/nobody', rpc('SendMessage', message));
    await permit(gateway, 'demo', { allowedAgents: ['agent'], operations: ['read'] });
    const other = await gateway.issuer.token({ sub: 'bob', scope: 'none' });
    await send({ authorization: `Bearer ${other}` });
    const [unknown] = await recorded(gateway, { agentId: 'nobody' });
    expect(unknown).toMatchObject({ decision: 'deny', code: 'agent_forbidden', httpStatus: 403 });
    const [forbidden] = await recorded(gateway, { subject: 'bob' });
    expect(forbidden).toMatchObject({ decision: 'deny', code: 'agent_forbidden', agentId: 'agent' });
  });

  it('of nobody is on record without a principal, and with why the token is none', async () => {
    await start();
    await send({ authorization: 'Bearer nonsense' });
    const [record] = await recorded(gateway, { code: 'token_invalid' });
    expect(record).toMatchObject({
      decision: 'deny',
      reason: 'malformed',
      httpStatus: 401,
      agentId: 'agent',
    });
    expect(record).not.toHaveProperty('subject');
  });

  it('that the agent fails is on record as let through', async () => {
    await start();
    gateway.agent.script((_request, response) => response.destroy());
    await send();
    const [record] = await recorded(gateway, { operation: 'SendMessage' });
    expect(record).toMatchObject({
      decision: 'allow',
      rule: 'demo',
      code: 'upstream_reset',
      httpStatus: 200,
    });
  });
});

describe('a stream', () => {
  const events = [`data: ${JSON.stringify(taskAnswer)}\n\n`, `data: ${JSON.stringify(taskAnswer)}\n\n`];

  it('is on record when it is opened, and when it has ended', async () => {
    await start();
    gateway.agent.script(answerEvents(...events));
    const answer = await call('SendStreamingMessage');
    const text = await answer.text();
    const [opened] = await recorded(gateway, { event: 'stream.opened' });
    const [ended] = await recorded(gateway, { event: 'stream.ended' });
    const about = { requestId: answer.headers.get('x-request-id'), agentId: 'agent', rule: 'demo' };
    expect(opened).toMatchObject({ ...about, decision: 'allow', httpStatus: 200 });
    expect(opened).not.toHaveProperty('responseBytes');
    expect(ended).toMatchObject({ ...about, taskId: 't-1', responseBytes: bytesOf(text) });
  });

  it('that is open is on record already', async () => {
    await start();
    gateway.agent.script((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(events[0]);
    });
    const leaving = new AbortController();
    const answer = await gateway.fetch(agentPath, {
      ...rpc('SendStreamingMessage', message),
      signal: leaving.signal,
    });
    await answer.body?.getReader().read();
    await recorded(gateway, { event: 'stream.opened' });
    expect(await recordsOf(gateway, { event: 'stream.ended' })).toEqual([]);
    leaving.abort();
    const [ended] = await recorded(gateway, { event: 'stream.ended' });
    expect(ended).toMatchObject({ code: 'caller_left', decision: 'allow' });
  });
});

describe('what is recorded', () => {
  it('is every question to the routes that are not for anyone, and no other', async () => {
    await start();
    for (const path of ['/health', '/openapi.json', '/nowhere']) await gateway.fetch(path);
    await gateway.fetch(`${agentPath}/.well-known/agent-card.json`);
    await gateway.admin('GET', '/admin/agents/agent');
    await gateway.fetch('/admin/agents/agent');
    await recorded(gateway, { operation: 'GET /admin/agents/{agentId}' }, 2);
    const operations = (await recordsOf(gateway, { event: 'call' })).map(
      ({ operation, decision }) => `${decision} ${operation}`,
    );
    expect(operations).toEqual([
      'allow POST /admin/agents',
      'allow PUT /admin/permissions/{scope}',
      'allow GET /agents/{agentId}/.well-known/agent-card.json',
      'allow GET /admin/agents/{agentId}',
      'deny GET /admin/agents/{agentId}',
    ]);
  });

  it('is nothing where it is switched off', async () => {
    await start({ settings: { audit: { enabled: false } } });
    await send();
    await gateway.restart();
    expect([await recordsOf(gateway), await usageOf(gateway)]).toEqual([[], []]);
  });

  it('is all of it when the gateway has closed, and verifies', async () => {
    await start();
    await Promise.all(Array.from({ length: 50 }, () => send()));
    await gateway.restart();
    expect(await recordsOf(gateway, { operation: 'SendMessage' })).toHaveLength(50);
    expect(await findingsIn(gateway)).toEqual([]);
  });
});

describe('what is used', () => {
  it('is added up for each principal and agent', async () => {
    await start();
    gateway.agent.script(answerJson(taskAnswer));
    const sent = bytesOf(String(rpc('SendMessage', message).body));
    const answers = [await send(), await send()];
    const texts = await Promise.all(answers.map((answer) => answer.text()));
    gateway.agent.script((_request, response) => response.destroy());
    const failed = await send();
    const failedText = await failed.text();
    gateway.agent.script(answerEvents(`data: ${JSON.stringify(taskAnswer)}\n\n`));
    const stream = await (await call('SendStreamingMessage')).text();
    await gateway.fetch('/agents/nobody', rpc('SendMessage', message));
    await recorded(gateway, { event: 'stream.ended' });
    await gateway.restart();
    const rows = await usageOf(gateway);
    const who = { issuer: gateway.issuer.issuer, subject: 'alice', agentId: 'agent' };
    for (const row of rows)
      expect(row).toMatchObject({
        ...who,
        day: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        clientId: expect.stringMatching(/./),
        streamMs: expect.any(Number),
      });
    // One row, but where the day ends meanwhile.
    const sumOf = (count: keyof UsageCounts) => rows.reduce((sum, row) => sum + row[count], 0);
    expect([sumOf('calls'), sumOf('errors'), sumOf('streams')]).toEqual([4, 1, 1]);
    expect(sumOf('requestBytes')).toBe(3 * sent + bytesOf(String(rpc('SendStreamingMessage', message).body)));
    expect(sumOf('responseBytes')).toBe(bytesOf([...texts, failedText, stream].join('')));
  });
});
