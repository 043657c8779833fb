import {
  CustomResource,
  Duration,
  aws_events as events,
  FileSystem,
  aws_lambda as lambda,
  aws_events_targets as targets,
} from 'aws-cdk-lib';
import type { Construct, IDependable } from 'constructs';
import { sortKey } from '../src/store/dynamodb/table.ts';
import { bundleFolder } from './bundles.ts';
import type { A2AGatewayProps } from './props.ts';
import type { SearchStorage } from './search.ts';

/** What makes the indexer run. */
export interface Indexing {
  /** For each change of an agent. */
  readonly changes: lambda.EventSourceMapping;
  /** For what was put off, and for the next part of a fill. */
  readonly retries: lambda.EventSourceMapping;
  /** Every hour, should a fill have been lost. */
  readonly rule: events.Rule;
  /** At deployments that change the model or the indexer. */
  readonly fill: CustomResource;
}

/** @param ways what the function needs before it can do its work */
export function createIndexing(
  scope: Construct,
  props: A2AGatewayProps,
  storage: SearchStorage,
  indexer: lambda.Function,
  ways: readonly IDependable[],
): Indexing {
  const changes = followTable(scope, storage, indexer);
  const retries = new lambda.EventSourceMapping(scope, 'IndexRetries', {
    target: indexer,
    eventSourceArn: storage.queue.queueArn,
    batchSize: 1,
    reportBatchItemFailures: true,
    // The least there is. A fill goes on by one message at a time; the other is for agents.
    maxConcurrency: 2,
  });
  const rule = new events.Rule(scope, 'IndexRule', {
    description: 'Begins to fill the index where that was never finished, and deletes what no search uses',
    schedule: events.Schedule.rate(Duration.hours(1)),
    targets: [new targets.LambdaFunction(indexer, { retryAttempts: 2 })],
  });
  const fill = beginFill(scope, props, storage, indexer);
  fill.node.addDependency(storage.vectorIndex, changes, retries, ...ways);
  return { changes, retries, rule, fill };
}

/**
 * Of an agent's items its head alone, which every change of the agent writes. A record that cannot be worked off is left
 * after 100 tries, or 6 h, for the dead letters: until then it holds up those behind it in its part of the table.
 */
function followTable(
  scope: Construct,
  { tableStreamArn, deadLetterQueue }: SearchStorage,
  target: lambda.IFunction,
): lambda.EventSourceMapping {
  const head = { dynamodb: { Keys: { [sortKey]: { S: lambda.FilterRule.isEqual('agent') } } } };
  return new lambda.EventSourceMapping(scope, 'IndexChanges', {
    target,
    eventSourceArn: tableStreamArn,
    startingPosition: lambda.StartingPosition.TRIM_HORIZON,
    filters: [lambda.FilterCriteria.filter(head)],
    batchSize: 100,
    parallelizationFactor: 2,
    bisectBatchOnError: true,
    retryAttempts: 100,
    maxRecordAge: Duration.hours(6),
    // `SqsDlq` would grant more than is needed; the role has what is.
    onFailure: { bind: () => ({ destination: deadLetterQueue.queueArn }) },
  });
}

/** CloudFormation calls the indexer whenever a property is another; it leaves a message and does not wait for the fill. */
function beginFill(
  scope: Construct,
  { bundlesPath }: A2AGatewayProps,
  { model: { modelId, dimensions } }: SearchStorage,
  indexer: lambda.IFunction,
): CustomResource {
  return new CustomResource(scope, 'IndexFill', {
    serviceToken: indexer.functionArn,
    serviceTimeout: Duration.minutes(6),
    resourceType: 'Custom::A2AGatewayIndexFill',
    properties: {
      modelId,
      dimensions: String(dimensions),
      // Another version may keep other words of an agent.
      Indexer: FileSystem.fingerprint(bundleFolder('indexer', bundlesPath)),
    },
  });
}
