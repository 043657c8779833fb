import { describe, expect, it } from 'vitest';
import {
  domainOf,
  type Failure,
  factsOf,
  fail,
  failureCodes,
  GatewayError,
  metadataOf,
  ok,
  reasonOf,
  unwrap,
} from './failure.ts';

/** The protocol's errors that the gateway makes itself (A2A §5.4). */
const protocolErrors: readonly [Failure, string, number, number][] = [
  [{ code: 'task_not_found' }, 'TASK_NOT_FOUND', -32001, 404],
  [{ code: 'push_unsupported' }, 'PUSH_NOTIFICATION_NOT_SUPPORTED', -32003, 400],
  [{ code: 'operation_unsupported', capability: 'streaming' }, 'UNSUPPORTED_OPERATION', -32004, 400],
  [{ code: 'upstream_response_invalid', problem: 'id' }, 'INVALID_AGENT_RESPONSE', -32006, 500],
  [{ code: 'upstream_response_too_large', maxBytes: 1 }, 'INVALID_AGENT_RESPONSE', -32006, 500],
  [{ code: 'upstream_event_too_large', maxEventBytes: 1 }, 'INVALID_AGENT_RESPONSE', -32006, 500],
  [{ code: 'version_unsupported', requested: '2.0', supported: '1.0' }, 'VERSION_NOT_SUPPORTED', -32009, 400],
];

/** google.rpc.Code names and the HTTP statuses they are allowed beside. */
const statusesOf: Readonly<Record<string, readonly number[]>> = {
  INVALID_ARGUMENT: [400, 413, 415],
  FAILED_PRECONDITION: [400, 409, 422, 428],
  UNAUTHENTICATED: [401],
  PERMISSION_DENIED: [403],
  NOT_FOUND: [404],
  ALREADY_EXISTS: [409],
  ABORTED: [412],
  CANCELLED: [499],
  UNIMPLEMENTED: [404, 405],
  RESOURCE_EXHAUSTED: [429],
  UNAVAILABLE: [502, 503],
  DEADLINE_EXCEEDED: [504],
  INTERNAL: [500],
};

describe("the protocol's own errors", () => {
  it.each(protocolErrors)('%j has the reason %s, %i and %i', (failure, reason, rpcCode, httpStatus) => {
    expect(factsOf(failure.code)).toMatchObject({ rpcCode, httpStatus });
    expect([reasonOf(failure), domainOf(failure)]).toEqual([reason, 'a2a-protocol.org']);
  });

  it('are all that is said in its name', () => {
    const named = failureCodes.filter((code) => factsOf(code).protocolReason !== undefined);
    expect(named.sort()).toEqual(protocolErrors.map(([{ code }]) => code).sort());
  });
});

describe.each(failureCodes)('%s', (code) => {
  const facts = factsOf(code);

  it('has an HTTP status its status name allows', () => {
    expect(statusesOf[facts.status]).toContain(facts.httpStatus);
  });

  it("has a JSON-RPC code of JSON-RPC, of A2A's own table, or of the gateway's part of its range", () => {
    const { rpcCode } = facts;
    const standard = [-32700, -32600, -32601, -32602, -32603];
    const ownRange = rpcCode <= -32090 && rpcCode >= -32096;
    expect(standard.includes(rpcCode) || ownRange || facts.protocolReason !== undefined).toBe(true);
  });

  it('is a reason in upper case', () => {
    expect(reasonOf({ code } as Failure)).toMatch(/^[A-Z][A-Z_]+[A-Z]$/); // Only the code is read.
  });

  it('is loud exactly where somebody else than the caller is at fault', () => {
    const isOurs = facts.httpStatus >= 500 && !['agent_inactive', 'shutting_down'].includes(code);
    expect(['warn', 'error'].includes(facts.logLevel)).toBe(isOurs);
  });
});

describe('metadataOf', () => {
  it('is the evidence as texts, without what is absent', () => {
    const failure: Failure = { code: 'upstream_unavailable', status: 503 };
    expect(metadataOf(failure)).toEqual({ status: '503' });
    expect(metadataOf({ ...failure, retryAfter: '7' })).toEqual({ status: '503', retryAfter: '7' });
  });
});

describe('unwrap', () => {
  it('answers the value of a result', () => {
    expect(unwrap(ok(7))).toBe(7);
  });

  it('throws the failure of one', () => {
    const failure: Failure = { code: 'route_not_found' };
    expect(() => unwrap(fail(failure))).toThrow(new GatewayError(failure));
  });
});

describe('a GatewayError', () => {
  it('says no more than its code, and keeps its cause for the log', () => {
    const cause = new Error('secret');
    const error = new GatewayError({ code: 'internal' }, { cause });
    expect([error.message, error.cause]).toEqual(['internal', cause]);
  });
});
