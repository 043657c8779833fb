import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { region } from './local-values.ts';
import { type Members, membersOf } from './members.ts';
import type { ResolvedTemplate } from './template.ts';

/** Makes the queues of a stack, each under its logical id; those that others give up to come first. */
export async function createQueues(template: ResolvedTemplate, endpoint: string): Promise<string[]> {
  const client = new SQSClient({
    endpoint,
    region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const queues = template.resources
    .filter(({ type }) => type === 'AWS::SQS::Queue')
    .map(({ logicalId, properties }) => ({ name: logicalId, members: membersOf(properties(), logicalId) }));
  const gives = ({ members }: { members: Members }) => deadLetterNameOf(members) !== undefined;
  const inOrder = [...queues.filter((queue) => !gives(queue)), ...queues.filter(gives)];
  try {
    const arns = new Map<string, string>();
    for (const { name, members } of inOrder) arns.set(name, await create(client, name, members, arns));
    return [...arns.keys()];
  } finally {
    client.destroy();
  }
}

/** @returns the ARN, which is the server's own: it may take another account for this one */
async function create(
  client: SQSClient,
  QueueName: string,
  members: Members,
  arns: ReadonlyMap<string, string>,
): Promise<string> {
  const deadLetterName = deadLetterNameOf(members);
  const { QueueUrl } = await client.send(
    new CreateQueueCommand({
      QueueName,
      Attributes: {
        VisibilityTimeout: String(members.number('VisibilityTimeout', 30)),
        MessageRetentionPeriod: String(members.number('MessageRetentionPeriod', 345_600)),
        ...(deadLetterName !== undefined && {
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: arns.get(deadLetterName),
            maxReceiveCount: members.object('RedrivePolicy').number('maxReceiveCount', 10),
          }),
        }),
      },
    }),
  );
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  return Attributes?.QueueArn ?? '';
}

function deadLetterNameOf(members: Members): string | undefined {
  return members.object('RedrivePolicy').optionalText('deadLetterTargetArn')?.split(':').at(-1);
}
