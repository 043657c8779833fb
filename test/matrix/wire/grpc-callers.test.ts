import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindingOf, type Protocol } from '../../../examples/conformance/protocols.ts';
import { errorInfoType, rpcStatuses } from '../../../src/protocol/a2a-errors.ts';
import type { ServedVersion } from '../../../src/protocol/version.ts';
import { cites } from '../../support/cites.ts';
import type { TestGateway } from '../../support/gateway.ts';
import { type GrpcCaller, grpcCaller, grpcSettings } from '../../support/grpc.ts';
import { titleOf } from '../cells.ts';
import { statusUpdate, task, wrapped } from './entities.ts';
import { type ErrorCase, errorCases } from './errors.ts';
import { exchangeOf } from './pairs.ts';
import { agentScript } from './speech.ts';
import { fromWire, wireText } from './spelling.ts';
import { startWireStand, wireAgentId, wireProtocols } from './stand.ts';

/** Errors and ends of streams of agents that speak JSON, as callers over gRPC are told of them (A2A §10.6). */

let gateway: TestGateway;
let token: string;
const callers = new Map<Protocol, GrpcCaller>();

beforeAll(async () => {
  gateway = await startWireStand({}, { grpc: grpcSettings });
  token = await gateway.issuer.token();
  for (const agent of wireProtocols) {
    const authority = `${wireAgentId(agent)}.grpc.test`;
    callers.set(agent, grpcCaller(gateway.grpcAddress, { token, authority }));
  }
});
afterAll(async () => {
  for (const caller of callers.values()) caller.close();
  await gateway.close();
});

const versions: readonly ServedVersion[] = ['1.0', '0.3'];
const message = { '1.0': { id: 't-1' }, '0.3': { name: 'tasks/t-1' } } as const;

const rows = errorCases.flatMap((each) =>
  each.agents.flatMap((agent) => versions.map((version) => ({ each, agent, version }))),
);
type Row = readonly [title: string, version: ServedVersion, agent: string, each: ErrorCase, of: Protocol];

describe('an error instead of an answer', () => {
  it.each(rows.map(({ each, agent, version }): Row => [each.title, version, titleOf(agent), each, agent]))(
    '%s: a caller of gRPC %s, and an agent of %s',
    async (_, version, __, each, agent) => {
      cites(
        'A2A-5.4-reason-first',
        'A2A-5.4-vendor-errors',
        'A2A-10.6-status-details',
        titleOf(`grpc-${version}`),
      );
      const { status, body } = each.from(agent);
      gateway.agent.script((request, response) => {
        const id =
          bindingOf(agent) === 'JSONRPC' ? (fromWire(request.body) as { id: unknown }).id : undefined;
        const isEnvelope = typeof body === 'object' && body !== null && 'jsonrpc' in body;
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(wireText(isEnvelope ? { ...body, id } : body));
      });
      const metadata = version === '1.0' ? { 'a2a-version': '1.0' } : {};
      const outcome = await callers.get(agent)?.call('GetTask', message[version], { version, metadata });
      // What is told over HTTP+JSON is told over gRPC too: a status by its name, a text, and details.
      const overHttp = each.to('http-json-1.0', 'jsonrpc-1.0').body as unknown as HttpError;
      expect(outcome?.code).toBe(rpcStatuses[overHttp.error.status].grpcCode);
      expect(outcome?.text).toBe(overHttp.error.message);
      expect(outcome?.messages).toEqual([]);
      expect(infosIn(outcome?.details)).toEqual(infosIn(overHttp.error.details));
    },
  );
});

describe('the end of a stream', () => {
  const rows = wireProtocols.map((agent) => [titleOf(agent), agent] as const);
  it.each(rows)('is said to a caller of gRPC 0.3, who %s leaves at input-required', async (_, agent) => {
    cites('A2A-0.3-7.2-final', 'gRPC 0.3');
    const answer = [
      wrapped('task', task('submitted')),
      wrapped('statusUpdate', statusUpdate('inputRequired', false)),
    ];
    gateway.agent.script(agentScript(agent, { ...exchangeOf('SendStreamingMessage'), answer }));
    const request = { message: { messageId: 'm-1', role: 'ROLE_USER', content: [{ text: 'hello' }] } };
    const outcome = await callers.get(agent)?.call('SendStreamingMessage', request, { version: '0.3' });
    expect(outcome?.code).toBe(0);
    const [first, ...updates] = outcome?.messages ?? [];
    expect(first).toMatchObject({ task: { id: 't-1', status: { state: 'TASK_STATE_SUBMITTED' } } });
    const status = { state: 'TASK_STATE_INPUT_REQUIRED' };
    expect(updates).toMatchObject([{ statusUpdate: { status } }, { statusUpdate: { status, final: true } }]);
    expect(updates[0]).not.toMatchObject({ statusUpdate: { final: true } });
  });
});

interface HttpError {
  error: { status: keyof typeof rpcStatuses; message: string; details: readonly unknown[] };
}

/** Each ErrorInfo, whose metadata protobuf leaves out where it is empty. */
function infosIn(details: readonly unknown[] = []): unknown[] {
  return (details as readonly Record<string, unknown>[]) // As google.rpc has them.
    .filter((detail) => detail['@type'] === errorInfoType)
    .map(({ reason, domain, metadata = {} }) => ({ reason, domain, metadata }));
}
