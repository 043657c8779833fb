import * as z from 'zod';
import type { Log } from '../../ports.ts';
import type { LambdaContext } from './awslambda.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import { answerResource, type ResourceAnswer, resourceRequest } from './resource-answer.ts';
import type { ApplySeed } from './seed.ts';
import { SeedError } from './seed-error.ts';
import { emptySeed, formerSeed, parseSeed, type Seed } from './seed-properties.ts';

const requestSchema = resourceRequest.extend({
  ResourceProperties: z.unknown().optional(),
  OldResourceProperties: z.unknown().optional(),
});

type CustomResourceRequest = z.output<typeof requestSchema>;

type Outcome = Omit<ResourceAnswer, 'newPhysicalId'>;

export interface CustomResourceOptions {
  apply: ApplySeed;
  log: Log;
  /** Pause before an answer is sent again. Default 1 000. */
  retryAfterMs?: number;
}

/** Kept for answering: three tries and the pauses between. */
const answerMarginMs = 20_000;

/**
 * The handler of the custom resource that seeds agents and permissions. It always answers, also when its time is nearly
 * over: a resource that does not answer holds its stack for an hour. See {@link answerResource}.
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
      const newPhysicalId = `a2a-gateway-seed/${request.data.LogicalResourceId}`;
      await answerResource(request.data, { ...outcome, newPhysicalId }, retryAfterMs);
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
    const change = { before, now, stackId: request.StackId, requestId: request.RequestId };
    await Promise.race([apply(change), overdue(deadline)]);
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
