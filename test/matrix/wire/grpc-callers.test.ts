import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindingOf, type Protocol } from '../../../examples/conformance/protocols.ts';
import { errorInfoType, rpcStatuses } from '../../../src/protocol/a2a-errors.ts';
import type { ServedVersion } from '../../../src/protocol/version.ts';
import { cites } from '../../support/cites.ts';
import { titleOf } from '../cells.ts';
import { type ErrorCase, errorCases } from './errors.ts';
import { fromWire, wireText } from './spelling.ts';
import { type GrpcWireStand, startGrpcWireStand } from './stand.ts';

/** Errors of agents that speak JSON, as callers over gRPC are told of them (A2A §10.6). */

let stand: GrpcWireStand;

beforeAll(async () => {
  stand = await startGrpcWireStand();
});
afterAll(() => stand.close());

const versions: readonly ServedVersion[] = ['1.0', '0.3'];
const named = { '1.0': { id: 't-1' }, '0.3': { name: 'tasks/t-1' } } as const;

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
      stand.gateway.agent.script((request, response) => {
        const id =
          bindingOf(agent) === 'JSONRPC' ? (fromWire(request.body) as { id: unknown }).id : undefined;
        const isEnvelope = typeof body === 'object' && body !== null && 'jsonrpc' in body;
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(wireText(isEnvelope ? { ...body, id } : body));
      });
      const metadata = version === '1.0' ? { 'a2a-version': '1.0' } : {};
      const outcome = await stand.callerOf(agent).call('GetTask', named[version], { version, metadata });
      // What is told over HTTP+JSON is told over gRPC too: a status by its name, a text, and details.
      const overHttp = each.to('http-json-1.0', 'jsonrpc-1.0').body as unknown as HttpError;
      expect(outcome.code).toBe(rpcStatuses[overHttp.error.status].grpcCode);
      expect(outcome.text).toBe(overHttp.error.message);
      expect(outcome.messages).toEqual([]);
      expect(infosIn(outcome.details)).toEqual(infosIn(overHttp.error.details));
    },
  );
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
