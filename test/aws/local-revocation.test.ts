import { decodeJwt } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { accessToken } from '../../examples/caller.ts';
import { type LocalGateway, startLocalGateway } from '../aws-local/local-gateway.ts';
import { expectErrorEvent } from '../support/bindings.ts';
import { errorInfo } from '../support/raw.ts';
import { answerJson, nextCall } from '../support/scripted-agent.ts';
import { readStream } from '../support/stream-reader.ts';
import { describeWith } from './tools.ts';

/** On AWS API Gateway keeps what the authorizer said of a token for minutes; the core asks each time. */

const effectiveWithinMs = 5_000;
let gateway: LocalGateway;

/** Lines that the authorizer, or API Gateway in its name, has printed. */
const printedOf = (text: string) => gateway.printed.filter((line) => line.includes(text)).length;

async function revoke(token: string): Promise<string> {
  const { iss: issuer, sub: subject } = decodeJwt(token);
  const made = await gateway.admin('POST', '/admin/revocations', { kind: 'principal', issuer, subject });
  expect(made.status).toBe(201);
  return ((await made.json()) as { revocationId: string }).revocationId;
}

describeWith(['java', 'moto'], 'aws:local', () => {
  beforeAll(async () => {
    gateway = await startLocalGateway();
  });
  afterAll(() => gateway?.close());

  it('a revoked caller is refused by the core, and what it has open is ended, while the policy still allows', async () => {
    gateway.agent.script(answerJson({ id: 't-1', status: { state: 'TASK_STATE_WORKING' } }));
    const ask = () => gateway.fetch('/agents/agent/tasks');
    expect((await ask()).status).toBe(200);

    const next = nextCall(gateway.agent);
    const opened = gateway.fetch('/agents/agent/message:stream', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ message: { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hello' }] } }),
    });
    const held = await next;
    held.response.writeHead(200, { 'content-type': 'text/event-stream' });
    held.response.write('data: {"task":{"id":"t-1"}}\n\n');
    const stream = readStream(await opened);
    await stream.until('\n\n');
    // What is asked in the moments before the revocation is known gets its answer.
    gateway.agent.script(answerJson({ id: 't-1', status: { state: 'TASK_STATE_WORKING' } }));

    const asked = printedOf('authorizer  ');
    const token = await gateway.token('alice');
    const revocationId = await revoke(token);
    const revokedAtMs = performance.now();
    const ended = stream.rest().then((rest) => ({ rest, tookMs: performance.now() - revokedAtMs }));
    await expect
      .poll(async () => (await ask()).status, { timeout: effectiveWithinMs, interval: 100 })
      .toBe(401);
    const refused = await ask();
    expect(errorInfo(await refused.text())).toEqual({
      reason: 'TOKEN_INVALID',
      metadata: { problem: 'revoked' },
    });
    const { rest, tookMs } = await ended;
    expectErrorEvent(rest.slice(rest.indexOf('event: error')), 'HTTP+JSON', 'TOKEN_INVALID', {
      problem: 'revoked',
    });
    expect(tookMs).toBeLessThan(effectiveWithinMs);
    await held.closed;
    // All that by the core alone: the authorizer was not asked again, and its policy refused nothing.
    expect([printedOf('authorizer  '), printedOf('ACCESS_DENIED')]).toEqual([asked, 0]);

    // A token of which nothing is kept does not come as far as the core.
    const fresh = await accessToken(`${gateway.aws.url}/dev/issuer`, 'alice', 'alice-secret');
    const unknown = await gateway.fetch('/agents/agent/tasks', {
      headers: { authorization: `Bearer ${fresh}` },
    });
    expect(unknown.status).toBe(401);
    const lines = gateway.printed.filter((line) => line.startsWith('authorizer  '));
    expect(lines.some((line) => line.includes('"revoked"'))).toBe(true);

    expect((await gateway.admin('DELETE', `/admin/revocations/${revocationId}`)).status).toBe(204);
    gateway.agent.script(answerJson({ id: 't-1', status: { state: 'TASK_STATE_WORKING' } }));
    await expect
      .poll(async () => (await ask()).status, { timeout: effectiveWithinMs, interval: 100 })
      .toBe(200);
  });
});
