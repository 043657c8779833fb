import { once } from 'node:events';
import { constants } from 'node:http2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { grpcDialect } from '../src/bridge/agents/grpc.ts';
import { currentForm } from '../src/bridge/form.ts';
import type { OperationName } from '../src/protocol/operations.ts';
import type { ForwardedCall, ForwardedResponse } from '../src/proxy/forward.ts';
import type { Agent } from '../src/registry/agent.ts';
import { operationNamed } from './support/bridge.ts';
import { agentAt, type ForwardStand, forwardStand } from './support/forward-stand.ts';
import { answerGrpc, answerStatus, type GrpcAgent, grpcAgent } from './support/grpc-agent.ts';
import { failsWith } from './support/upstream-servers.ts';

/** Deadlines, breakers, retries and credentials hold for gRPC as for HTTP. */

let stand: ForwardStand;
beforeEach(() => {
  stand = forwardStand();
});
afterEach(() => stand.close());

const dialect = grpcDialect('1.0', currentForm);
const task = { id: 't-1', status: { state: 'TASK_STATE_WORKING' } };

/** Sends a call to an agent whose gRPC port is that of the first of these. */
function call(
  { origin }: GrpcAgent,
  name: OperationName,
  agent: Agent,
  more: Partial<ForwardedCall> = {},
): Promise<ForwardedResponse> {
  const to = { url: new URL(origin).host, protocolBinding: 'GRPC', protocolVersion: '1.0' };
  const wire = dialect.write({ operation: operationNamed(name), request: { id: 't-1' } }, to);
  return stand.call(agent, name, { ...wire, ...more });
}

describe('a call by gRPC', () => {
  it('goes to the port of its interface on the host of the origin', async () => {
    const agent = await grpcAgent(answerGrpc([task]));
    const response = await call(agent, 'GetTask', agentAt(['http://127.0.0.1']));
    expect(response.status).toBe(200);
    response.close();
    expect(agent.calls).toHaveLength(1);
  });

  it('tells the agent its deadline, where it has one', async () => {
    const agent = await grpcAgent(({ headers, stream, request }) => {
      const isStream = String(headers[':path']).endsWith('SubscribeToTask');
      answerGrpc([isStream ? { task } : task])({ headers, stream, request });
    });
    for (const [totalTimeoutMs, told] of [
      [1_500, '1500m'],
      [undefined, '20000m'],
      [200_000_000, '200000S'],
    ] as const) {
      const deadlines = totalTimeoutMs === undefined ? {} : { totalTimeoutMs };
      (await call(agent, 'GetTask', agentAt([agent.origin], { deadlines }))).close();
      expect(agent.calls.at(-1)?.headers['grpc-timeout']).toBe(told);
    }
    (await call(agent, 'SubscribeToTask', agentAt([agent.origin]))).close();
    expect(agent.calls.at(-1)?.headers['grpc-timeout']).toBeUndefined();
  });

  it('that takes too long is cancelled', async () => {
    const agent = await grpcAgent(() => {});
    const slow = call(agent, 'GetTask', agentAt([agent.origin], { deadlines: { headersTimeoutMs: 1_000 } }));
    await expect(slow).rejects.toMatchObject(failsWith('upstream_timeout', { phase: 'headers' }));
    const { stream } = agent.calls[0] ?? expect.unreachable();
    if (!stream.closed) await once(stream, 'close');
    expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
  });

  it('whose caller leaves is cancelled', async () => {
    const left = new AbortController();
    const agent = await grpcAgent(() => left.abort());
    const sent = call(agent, 'SendMessage', agentAt([agent.origin]), { caller: left });
    await expect(sent).rejects.toMatchObject(failsWith('caller_left'));
    const { stream } = agent.calls[0] ?? expect.unreachable();
    if (!stream.closed) await once(stream, 'close');
    expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
  });
});

describe('an agent that is UNAVAILABLE', () => {
  it('is asked again for what changes nothing, and for nothing else', async () => {
    const agent = await grpcAgent((at) =>
      (agent.calls.length % 2 === 1 ? answerStatus(14) : answerGrpc([task]))(at),
    );
    const read = await call(agent, 'GetTask', agentAt([agent.origin]));
    expect([read.status, agent.calls.length]).toEqual([200, 2]);
    read.close();
    const sent = await call(agent, 'CancelTask', agentAt([agent.origin]));
    expect([sent.status, sent.header('grpc-status'), agent.calls.length]).toEqual([503, '14', 3]);
    sent.close();
  });

  it('is left alone after a while, unlike one with another error', async () => {
    let code = 13;
    const agent = await grpcAgent((at) => answerStatus(code)(at));
    const registered = agentAt([agent.origin]);
    const send = async () => (await call(agent, 'SendMessage', registered)).close();
    for (let calls = 0; calls < 10; calls++) await send();
    code = 14;
    for (let calls = 0; calls < 5; calls++) await send();
    await expect(send()).rejects.toMatchObject(failsWith('agent_circuit_open'));
    expect(agent.calls).toHaveLength(15);
  });
});

describe('a credential over gRPC', () => {
  it('that the agent refuses is the fault of the gateway', async () => {
    const agent = await grpcAgent(answerStatus(16));
    const sent = call(agent, 'SendMessage', agentAt([agent.origin]));
    await expect(sent).rejects.toMatchObject(failsWith('upstream_unauthorized'));
  });

  it.each([
    [{ authConfig: { type: 'aws_sigv4', region: 'eu-central-1', service: 'x' } }, 'a signature of AWS'],
    [{ authConfig: { type: 'api_key', name: 'key', in: 'query' } }, 'a key in a query'],
    [
      { backend: { type: 'lambda_url', functionUrl: 'https://x.lambda-url.eu-central-1.on.aws/' } },
      'backend lambda_url',
    ],
  ])('is not sent where gRPC cannot carry it: %j', async (members, what) => {
    const agent = await grpcAgent(answerGrpc([task]));
    const sent = call(agent, 'GetTask', agentAt([agent.origin], members));
    await expect(sent).rejects.toMatchObject(
      failsWith('operation_unsupported', { capability: `gRPC with ${what}` }),
    );
    expect(agent.calls).toEqual([]);
  });
});
