import { expect } from 'vitest';
import { type FailureCode, factsOf } from '../../src/failure.ts';
import { badRequestType, errorInfoType, rpcStatuses } from '../../src/protocol/a2a-errors.ts';
import { callId, type Scene, type Told } from './ask.ts';
import { documented, rpcHttpStatus } from './documented.ts';

export interface Expected {
  code: FailureCode;
  evidence: Readonly<Record<string, string>>;
  /** The id of a JSON-RPC call could not be known. */
  isBeforeBody?: boolean;
  /** Where neither the evidence nor the status says it. */
  retryAfter?: string;
}

/** Asserts all that is told of a failure, and that it is all: status, body, and the headers that are due, and no others. */
export function expectTold(expected: Expected, told: Told): void {
  expect(told.body).toEqual(bodyOf(expected, told));
  if (told.status === undefined) return; // The headers of a stream came before its failure.
  const facts = documented(expected.code);
  const { grpcCode } = rpcStatuses[facts.status as keyof typeof rpcStatuses];
  const ofHttp = told.shape === 'JSON-RPC' ? rpcHttpStatus(facts) : facts.httpStatus;
  expect(told.status).toBe(told.shape === 'gRPC' ? grpcCode : ofHttp);
  expect(told.header('retry-after')).toEqual(retryAfterOf(expected));
  expectChallenge(expected, told);
}

/** One member at fault is named beside (A2A §9.5, §11.6). */
const faults: Partial<Record<FailureCode, readonly [field: string, description: string]>> = {
  member_refused: ['member', 'rule'],
  parameter_invalid: ['parameter', 'problem'],
  card_invalid: ['path', 'problem'],
};

function detailsOf({ code, evidence }: Expected, isGrpc: boolean): unknown[] {
  const { reason, domain } = documented(code);
  // A map that is empty is not there in protobuf.
  const metadata = isGrpc && Object.keys(evidence).length === 0 ? {} : { metadata: evidence };
  const info = { '@type': errorInfoType, reason, domain, ...metadata };
  const [field, description] = faults[code] ?? [];
  if (field === undefined || description === undefined) return [info];
  const violation = { field: evidence[field], description: evidence[description] };
  return [info, { '@type': badRequestType, fieldViolations: [violation] }];
}

function bodyOf(expected: Expected, { shape }: Told): unknown {
  const { code, isBeforeBody } = expected;
  const { message, rpcCode, httpStatus, status, domain, reason } = documented(code);
  const details = detailsOf(expected, shape === 'gRPC');
  switch (shape) {
    case 'JSON-RPC': {
      const id = isBeforeBody ? null : callId;
      return { jsonrpc: '2.0', id, error: { code: rpcCode, message, data: details } };
    }
    case 'HTTP+JSON':
      return { error: { code: httpStatus, status, message, details } };
    case 'HTTP+JSON 0.3': {
      const words = reason.toLowerCase().split('_');
      const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
      const type = domain === 'a2a-protocol.org' ? { type: `${name}Error` } : {};
      return { code: rpcCode, message, ...type, data: details };
    }
    case 'gRPC':
      return { code: rpcStatuses[status as keyof typeof rpcStatuses].grpcCode, message, details };
  }
}

/** Where the evidence names a time, that; else five seconds with every 503 that may pass. */
function retryAfterOf({ code, evidence, retryAfter }: Expected): string | undefined {
  const { httpStatus, isRetryable } = documented(code);
  const usual = httpStatus === 503 && isRetryable ? '5' : undefined;
  return retryAfter ?? evidence.retryAfterSeconds ?? evidence.retryAfter ?? usual;
}

/** RFC 6750 §3: who may try again with another token is told how to come by one. */
function expectChallenge({ code, evidence }: Expected, told: Told): void {
  const challenge = told.header('www-authenticate');
  const error = {
    token_missing: '',
    token_invalid: `error="invalid_token", error_description="${evidence.problem}", `,
    scope_missing: `error="insufficient_scope", scope="${evidence.scope}", `,
  }[code as string];
  if (error === undefined) expect(challenge).toBeUndefined();
  else {
    const metadata = String.raw`resource_metadata="[^"]+/\.well-known/oauth-protected-resource[^"]*"`;
    expect(challenge).toMatch(new RegExp(`^Bearer ${error}${metadata}$`));
  }
}

const levels = { debug: 20, info: 30, warn: 40, error: 50 };

/** Asserts that what was logged since names the failure, as loud as its code is. */
export async function expectLogged({ code }: Expected, { logged }: Scene, from: number): Promise<void> {
  const { logLevel } = factsOf(code);
  const isTold = (line: Record<string, unknown>) =>
    (line.failure as { code?: unknown } | undefined)?.code === code &&
    (line.level === logLevel || line.level === levels[logLevel]);
  await expect
    .poll(() => logged.slice(from).filter(isTold).length, { interval: 10, timeout: 10_000 })
    .toBeGreaterThan(0);
}

/** Asserts that what a caller got names nothing of what is behind. */
export function expectNothingInside({ agent }: Scene, { all }: Told): void {
  expect(all).not.toContain(new URL(agent.url).host);
  expect(all).not.toMatch(/sqlite|node:|\bat \S+:\d+:\d+|\/src\//i);
}
