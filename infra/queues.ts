import { Duration, type aws_kms as kms, aws_sqs as sqs } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Messages, and those that failed too often. */
export interface QueuePair {
  readonly queue: sqs.Queue;
  readonly deadLetterQueue: sqs.Queue;
}

/**
 * A queue for a function, sealed, answering by TLS alone.
 * @param name what the ids of both begin with
 * @param timeout of the function; a message that failed comes again a minute after it, as Lambda wants it to be no less
 */
export function createQueuePair(
  scope: Construct,
  name: string,
  {
    key,
    timeout,
    maxReceiveCount,
  }: { key: kms.IKey | undefined; timeout: Duration; maxReceiveCount: number },
): QueuePair {
  const sealed = {
    enforceSSL: true,
    ...(key === undefined
      ? { encryption: sqs.QueueEncryption.SQS_MANAGED }
      : { encryption: sqs.QueueEncryption.KMS, encryptionMasterKey: key }),
  };
  const deadLetterQueue = new sqs.Queue(scope, `${name}DeadLetterQueue`, {
    ...sealed,
    retentionPeriod: Duration.days(14),
  });
  const queue = new sqs.Queue(scope, `${name}Queue`, {
    ...sealed,
    visibilityTimeout: timeout.plus(Duration.minutes(1)),
    deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount },
  });
  return { queue, deadLetterQueue };
}
