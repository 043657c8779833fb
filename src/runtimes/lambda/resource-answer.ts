import * as z from 'zod';

/** What CloudFormation tells a custom resource, as far as it is read. */
export const resourceRequest = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.url({ protocol: /^https?$/ }),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.string().optional(),
});

export type ResourceRequest = z.output<typeof resourceRequest>;

export interface ResourceAnswer {
  status: 'SUCCESS' | 'FAILED';
  reason: string;
  /** Of a resource that has none yet. */
  newPhysicalId: string;
  data?: Record<string, number>;
}

const maxReasonChars = 1_000;
const maxTries = 3;
const tryTimeoutMs = 5_000;

/**
 * Answers CloudFormation, three times if need be. That the address is CloudFormation's is not checked.
 *
 * @throws Error when the address took none of the tries
 */
export async function answerResource(
  { ResponseURL, StackId, RequestId, LogicalResourceId, PhysicalResourceId }: ResourceRequest,
  { status, reason, newPhysicalId, data }: ResourceAnswer,
  retryAfterMs: number,
): Promise<void> {
  const body = JSON.stringify({
    Status: status,
    Reason: reasonText(reason),
    // Stays for the resource's life: another one would have CloudFormation delete what it takes for the old resource.
    PhysicalResourceId: PhysicalResourceId ?? newPhysicalId,
    ...{ StackId, RequestId, LogicalResourceId },
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
