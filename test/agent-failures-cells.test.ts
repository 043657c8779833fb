import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cells } from './requirements/clause.ts';
import { type CellCaller, cellCaller, expectRefused } from './support/cell-caller.ts';
import { cites } from './support/cites.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { grpcSettings } from './support/grpc.ts';
import { legacyCardAt } from './support/legacy.ts';
import { answerJson, cardAt, nextCall, type Script } from './support/scripted-agent.ts';

/** What a caller is told of an agent that is away, breaks off, takes too long or talks nonsense, whatever both speak. */

const kinds = ['of-1', 'of-0'] as const;
let gateway: TestGateway;
let token: string;

beforeAll(async () => {
  gateway = await startGateway({ registration: null, settings: { grpc: grpcSettings } });
  token = await gateway.issuer.token();
  const closing = createServer();
  await new Promise<void>((resolve) => closing.listen(0, '127.0.0.1', resolve));
  const nobody = `http://127.0.0.1:${(closing.address() as AddressInfo).port}`; // A TCP server that listens has one.
  for (const [cardOf, kind] of [
    [cardAt, 'of-1'],
    [legacyCardAt, 'of-0'],
  ] as const) {
    gateway.agent.card(cardOf(gateway.agent.url));
    await register(gateway, { agentId: `here-${kind}` });
    await register(gateway, { agentId: `hasty-${kind}`, deadlines: { headersTimeoutMs: 50 } });
    const limits = { maxConcurrentCalls: 1, maxQueuedCalls: 0, queueTimeoutMs: 3_000 };
    await register(gateway, { agentId: `busy-${kind}`, limits });
    await register(gateway, { agentId: `patient-${kind}`, deadlines: { headersTimeoutMs: 3_600_000 } });
    gateway.agent.card(cardOf(nobody));
    await register(gateway, { agentId: `away-${kind}`, backendUrl: nobody });
  }
  await new Promise((resolve) => closing.close(resolve));
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['read'] });
});
afterAll(() => gateway.close());

const never: Script = () => {};

describe.each(cells)('a caller of %s', (cell) => {
  let caller: CellCaller;
  beforeAll(() => {
    caller = cellCaller(gateway, cell, token);
  });
  afterAll(() => caller.close());

  it.each(
    kinds.flatMap((kind) => [
      ['cannot be reached', `away-${kind}`, never, 'UPSTREAM_UNREACHABLE'] as const,
      [
        'breaks off',
        `here-${kind}`,
        ((_, response) => void response.destroy()) as Script,
        'UPSTREAM_RESET',
      ] as const,
      ['takes too long', `hasty-${kind}`, never, 'UPSTREAM_TIMEOUT'] as const,
    ]),
  )('is told of an agent that %s: %s', async (_, agentId, script, reason) => {
    cites('A2A-5.4-unavailable', cell);
    gateway.agent.script(script);
    const metadata: Record<string, string> = reason === 'UPSTREAM_TIMEOUT' ? { phase: 'headers' } : {};
    expectRefused(cell, await caller.call('GetTask', { agentId }), reason, metadata);
  });

  it.each(kinds)('waits as long as the registration of the agent says: %s', async (kind) => {
    cites('A2A-3.2.2-waiting', cell);
    const held = nextCall(gateway.agent);
    const answering = caller.call('GetTask', { agentId: `patient-${kind}` });
    const { response } = await held;
    // Another's call, begun later, has timed out before the agent answers.
    gateway.agent.script(never);
    const late = await caller.call('GetTask', { agentId: `hasty-${kind}` });
    expectRefused(cell, late, 'UPSTREAM_TIMEOUT', { phase: 'headers' });
    response.writeHead(200, { 'content-type': 'text/html' }).end('<p>at last</p>');
    expect((await answering).error.details).toMatchObject([{ reason: 'INVALID_AGENT_RESPONSE' }]);
  });

  it.each(kinds)('is told when to come again to an agent that has all it can bear: %s', async (kind) => {
    cites('A2A-13.4-overload', cell);
    const held = nextCall(gateway.agent);
    const first = caller.call('GetTask', { agentId: `busy-${kind}` });
    const { response } = await held;
    const refused = await caller.call('GetTask', { agentId: `busy-${kind}` });
    expectRefused(cell, refused, 'AGENT_OVERLOADED', { retryAfterSeconds: '3' });
    expect(refused.header('retry-after')).toBe('3');
    response.writeHead(200, { 'content-type': 'text/html' }).end('<p>done</p>');
    expect((await first).error.details).toMatchObject([{ reason: 'INVALID_AGENT_RESPONSE' }]);
  });

  it.each(kinds)('is not asked for the credential that an agent wants: %s', async (kind) => {
    cites('A2A-7.4-no-foreign-challenge', cell);
    gateway.agent.script((_, response) => {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="inside"' }).end('{}');
    });
    const answer = await caller.call('GetTask', { agentId: `here-${kind}` });
    expectRefused(cell, answer, 'UPSTREAM_UNAUTHORIZED');
    expect(answer.header('www-authenticate')).toBeUndefined();
  });

  it.each(
    kinds.flatMap((kind) => [
      [kind, 'a page', answerJson('<p>hello</p>', 200, 'text/html')] as const,
      [kind, 'half an object', answerJson('{"jsonrpc":"2.0",')] as const,
      [kind, 'no object', answerJson('7')] as const,
    ]),
  )('is told that an agent %s has answered with %s', async (kind, _, script) => {
    cites('A2A-5.4-invalid-agent-response', cell);
    gateway.agent.script(script);
    const { error } = await caller.call('GetTask', { agentId: `here-${kind}` });
    expect(error.details).toMatchObject([{ reason: 'INVALID_AGENT_RESPONSE', domain: 'a2a-protocol.org' }]);
  });
});
