import { SQSClient } from '@aws-sdk/client-sqs';
import type { LocalFunction } from '../lambda/function-pool.ts';
import { functionArn, region } from '../local-values.ts';
import { membersOf } from '../members.ts';
import { type LocalResource, type ResolvedTemplate, TemplateError } from '../template.ts';
import { followQueue } from './queue-source.ts';
import { followStream } from './stream-source.ts';

export interface MappingsOptions {
  endpoints: { dynamoDb: string; sqs: string };
  functions: ReadonlyMap<string, LocalFunction>;
  print(line: string): void;
}

/** What follows streams and queues for functions. */
export interface Mappings {
  /** Waits for what is under way, so functions are closed first. */
  close(): Promise<void>;
}

/** @throws TemplateError for a source or function that is not emulated */
export function startMappings(template: ResolvedTemplate, options: MappingsOptions): Mappings {
  const ended = new AbortController();
  const client = new SQSClient({
    endpoint: options.endpoints.sqs,
    region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const following = template.resources
    .filter(({ type }) => type === 'AWS::Lambda::EventSourceMapping')
    .map((resource) => follow(resource, options, client, ended.signal));
  return {
    async close() {
      ended.abort();
      await Promise.all(following);
      client.destroy();
    },
  };
}

function follow(
  { logicalId, properties }: LocalResource,
  { endpoints, functions, print }: MappingsOptions,
  client: SQSClient,
  signal: AbortSignal,
): Promise<void> {
  const members = membersOf(properties(), logicalId);
  const arn = members.text('EventSourceArn');
  const target = functions.get(functionArn(members.text('FunctionName')));
  if (target === undefined)
    throw new TemplateError(`${logicalId}: no function ${members.text('FunctionName')}`);
  const [, , service = '', , , resource = ''] = arn.split(':');
  const shared = { target, print, signal };
  if (service === 'sqs') {
    const queueUrl = `${endpoints.sqs}/${arn.split(':')[4]}/${resource}`;
    const concurrency = members.object('ScalingConfig').number('MaximumConcurrency', 2);
    const batchSize = members.number('BatchSize', 10);
    return followQueue({ ...shared, client, queueUrl, queueArn: arn, batchSize, concurrency });
  }
  const [, tableName] = /^table\/([^/]+)\/stream\//.exec(resource) ?? [];
  if (service !== 'dynamodb' || tableName === undefined)
    throw new TemplateError(`${logicalId}: events of ${arn} are not emulated`);
  const filters = members.object('FilterCriteria').objects('Filters');
  return followStream({
    ...shared,
    endpoint: endpoints.dynamoDb,
    tableName,
    streamArn: arn,
    patterns: filters.length === 0 ? [{}] : filters.map((filter) => JSON.parse(filter.text('Pattern'))),
    batchSize: members.number('BatchSize', 100),
    maxRetryAttempts: members.number('MaximumRetryAttempts', Number.POSITIVE_INFINITY),
  });
}
