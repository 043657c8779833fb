import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LocalFunction } from './lambda/function-pool.ts';
import { localValues } from './local-values.ts';
import { membersOf } from './members.ts';
import { type LocalResource, type ResolvedTemplate, TemplateError } from './template.ts';

/** What a custom resource's function answers. */
interface Answer {
  Status?: string;
  Reason?: string;
}

const answerWithinMs = 60_000;

/**
 * Makes the custom resources of a stack as CloudFormation does at its creation: each one's function is invoked with
 * `Create` and answers to an address, one after another.
 *
 * @throws Error when one of them fails, or does not answer within a minute
 */
export async function createCustomResources(
  template: ResolvedTemplate,
  functions: ReadonlyMap<string, LocalFunction>,
): Promise<void> {
  for (const resource of template.resources) {
    if (!resource.type.startsWith('Custom::')) continue;
    const { Status, Reason } = await create(resource, functions);
    if (Status !== 'SUCCESS') throw new Error(`${resource.logicalId} is not made: ${Reason}`);
  }
}

async function create(
  { logicalId, type, properties }: LocalResource,
  functions: ReadonlyMap<string, LocalFunction>,
): Promise<Answer> {
  const ResourceProperties = properties();
  const serviceToken = membersOf(ResourceProperties, logicalId).text('ServiceToken');
  const target = functions.get(serviceToken);
  if (target === undefined) throw new TemplateError(`${logicalId}: no function ${serviceToken}`);
  const answers = await startAnswers();
  try {
    await target.invoke({
      RequestType: 'Create',
      ServiceToken: serviceToken,
      ResponseURL: answers.url,
      StackId: localValues.pseudo['AWS::StackId'],
      RequestId: randomUUID(),
      ResourceType: type,
      LogicalResourceId: logicalId,
      ResourceProperties,
    });
    return await answers.answer;
  } finally {
    answers.close();
  }
}

/** Where one answer is put, as it would be into S3. */
async function startAnswers(): Promise<{ url: string; answer: Promise<Answer>; close(): void }> {
  let take: (answer: Answer) => void = () => {};
  const answer = new Promise<Answer>((resolve, reject) => {
    take = resolve;
    const late = () => reject(new Error('a custom resource did not answer'));
    setTimeout(late, answerWithinMs).unref();
  });
  answer.catch(() => {}); // Asked for only once the function is done.
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer); // Without an encoding, buffers.
    response.end();
    take(JSON.parse(Buffer.concat(chunks).toString()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // A TCP server that listens has one.
  return {
    url: `http://127.0.0.1:${port}/`,
    answer,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
