import * as z from 'zod';
import type { Log } from '../../ports.ts';
import type { LambdaContext } from './awslambda.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import type { ApplySeed } from './seed.ts';
import { SeedError } from './seed-error.ts';
import { emptySeed, formerSeed, parseSeed, type Seed } from './seed-properties.ts';

/** What CloudFormation tells a custom resource, as far as it is read. */
const requestSchema = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.url({ protocol: /^https?$/ }),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.string().optional(),
  ResourceProperties: z.unknown().optional(),
  OldResourceProperties: z.unknown().optional(),
});

type CustomResourceRequest = z.output<typeof requestSchema>;

interface Outcome {
  status: 'SUCCESS' | 'FAILED';
  reason: string;
  data?: Record<string, number>;
}

export interface CustomResourceOptions {
  apply: ApplySeed;
  log: Log;
  /** Pause before an answer is sent again. Default 1 000. */
  retryAfterMs?: number;
}

const maxReasonChars = 1_000;
const maxTries = 3;
const tryTimeoutMs = 5_000;
/** Kept for answering: three tries and the pauses between. */
const answerMarginMs = 20_000;

/**
 * The handler of the custom resource that seeds agents and permissions. It always answers, also when its time is nearly
 * over: a resource that does not answer holds its stack for an hour. Whoever may invoke the function says where the answer
 * goes; that it is CloudFormation's address is not checked.
 */
export function createCustomResource(
  options: CustomResourceOptions,
): (event: unknown, context: LambdaContext) => Promise<void> {
  const { apply, log, retryAfterMs = 1_000 } = options;
  return async (event, context) => {
    const request = requestSchema.safeParse(event);
    if (!request.success) {
      log.write('error', 'no request of CloudFormation', {});
      return;
    }
    const deadline = startDeadline(context, answerMarginMs);
    try {
      const outcome = await carryOut(request.data, apply, log, deadline);
      await answer(request.data, outcome, retryAfterMs);
    } catch (cause) {
      log.write('error', 'CloudFormation was not answered', { cause });
    } finally {
      deadline.dispose();
    }
  };
}

async function carryOut(
  request: CustomResourceRequest,
  apply: ApplySeed,
  log: Log,
  deadline: Deadline,
): Promise<Outcome> {
  try {
    const { before, now } = seedsOf(request);
    await Promise.race([apply({ before, now, stackId: request.StackId }), overdue(deadline)]);
    const data = { Agents: now.agents.length, Permissions: now.permissions.length };
    log.write('info', 'seeded', { request: request.RequestType, ...data });
    return { status: 'SUCCESS', reason: '', data };
  } catch (cause) {
    const reason = cause instanceof SeedError ? cause.message : 'failed; the log of the function says why';
    log.write('error', 'not seeded', { request: request.RequestType, reason, cause });
    return { status: 'FAILED', reason };
  }
}

function seedsOf(request: CustomResourceRequest): { before: Seed; now: Seed } {
  const { RequestType, ResourceProperties, OldResourceProperties } = request;
  // A stack rolls back by deleting what could not be made, and properties that were refused must not keep it from that.
  if (RequestType === 'Delete') return { before: formerSeed(ResourceProperties), now: emptySeed };
  const before = RequestType === 'Update' ? formerSeed(OldResourceProperties) : emptySeed;
  return { before, now: parseSeed(ResourceProperties) };
}

function overdue({ signal }: Deadline): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () =>
      reject(new SeedError('took longer than the function may run; what was done until then stays')),
    );
  });
}

/** @throws Error when CloudFormation's address took none of the tries */
async function answer(
  request: CustomResourceRequest,
  { status, reason, data }: Outcome,
  retryAfterMs: number,
): Promise<void> {
  const { ResponseURL, StackId, RequestId, LogicalResourceId } = request;
  const body = JSON.stringify({
    Status: status,
    Reason: reasonText(reason),
    // Stays for the resource's life: another one would have CloudFormation delete what it takes for the old resource.
    PhysicalResourceId: request.PhysicalResourceId ?? `a2a-gateway-seed/${LogicalResourceId}`,
    StackId,
    RequestId,
    LogicalResourceId,
    Data: data,
  });
  for (let count = 1; ; count++) {
    try {
      return await put(ResponseURL, body);
    } catch (error) {
      if (count === maxTries) throw error;
      await new Promise((resolve) => setTimeout(resolve, retryAfterMs));
    }
  }
}

/** Printable ASCII: the whole answer may have 4 096 bytes. */
function reasonText(reason: string): string {
  return reason.replace(/[^\x20-\x7e]/g, '?').slice(0, maxReasonChars);
}

async function put(url: string, body: string): Promise<void> {
  const response = await fetch(url, {
    method: 'PUT',
    // The address is signed for a body without a type.
    headers: { 'content-type': '' },
    body,
    redirect: 'error',
    signal: AbortSignal.timeout(tryTimeoutMs),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`answered ${response.status}`);
}
