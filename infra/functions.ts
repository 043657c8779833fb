import {
  Duration,
  aws_iam as iam,
  aws_lambda as lambda,
  type aws_logs as logs,
  Stack,
  Validations,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { bundleOf } from './bundles.ts';
import { cedarLayersFor } from './cedar-layer.ts';
import { type FunctionName, functionNames } from './function-names.ts';
import type { Kept } from './grants.ts';
import { indexerTimeout } from './indexer-limits.ts';
import { createLogGroup } from './logs.ts';
import { wildcardFinding } from './names.ts';
import type { Network } from './network.ts';
import { networkStatements, statementsFor, wakers, wildcardReason, wildcardsFor } from './permissions.ts';
import type { A2AGatewayProps } from './props.ts';
import { pushTimeout } from './push.ts';

/** The indexer is there where the search is. */
export type Functions = Readonly<Record<Exclude<FunctionName, 'indexer'>, lambda.Function>> & {
  readonly indexer?: lambda.Function;
};

interface FunctionShape {
  readonly id: string;
  readonly description: string;
  readonly timeout: Duration;
  readonly memorySize: number;
  readonly reservedConcurrentExecutions?: number | undefined;
}

/** The functions, each with a role and a log group of its own. */
export function createFunctions(
  scope: Construct,
  props: A2AGatewayProps,
  kept: Kept,
  environment: Readonly<Record<string, string>>,
  network: Network | undefined,
): Functions {
  const shapes = shapesOf(props);
  const layersFor = cedarLayersFor(scope, props);
  const make = (name: FunctionName) => {
    const shape = shapes[name];
    const logGroup = createLogGroup(scope, `${shape.id}Logs`, props, kept.key);
    const role = createRole(scope, `${shape.id}Role`, name, kept, logGroup, network);
    return [
      name,
      createFunction(scope, name, shape, {
        props,
        environment: { ...environment, ...queuesFor(name, kept) },
        layers: layersFor(name),
        logGroup,
        role,
        network,
      }),
    ] as const;
  };
  const names = functionNames.filter((name) => name !== 'indexer' || kept.search !== undefined);
  return Object.fromEntries(names.map(make)) as unknown as Functions; // One for each name.
}

/** Who puts into a queue is told where it is. That is no setting, and has no name like one: those unknown are refused. */
function queuesFor(name: FunctionName, { search, pushQueues }: Kept): Record<string, string> {
  if (name === 'indexer' && search !== undefined) return { INDEX_QUEUE_URL: search.queue.queueUrl };
  return wakers.has(name) ? { PUSH_QUEUE_URL: pushQueues.queue.queueUrl } : {};
}

function shapesOf(props: A2AGatewayProps): Readonly<Record<FunctionName, FunctionShape>> {
  return {
    authorizer: {
      id: 'Authorizer',
      description: 'Refuses at the edge what the core would refuse',
      timeout: Duration.seconds(10),
      memorySize: props.authorizerMemorySize ?? 512,
      reservedConcurrentExecutions: props.authorizerReservedConcurrentExecutions,
    },
    'data-plane': {
      id: 'DataPlane',
      description: "Relays callers' requests to agents",
      timeout: Duration.minutes(15),
      memorySize: props.dataPlaneMemorySize ?? 1024,
      reservedConcurrentExecutions: props.dataPlaneReservedConcurrentExecutions,
    },
    management: {
      id: 'Management',
      description: 'Registers agents, sets permissions, answers who may call what',
      timeout: Duration.seconds(29),
      memorySize: props.managementMemorySize ?? 512,
      reservedConcurrentExecutions: props.managementReservedConcurrentExecutions,
    },
    maintenance: {
      id: 'Maintenance',
      description: 'Deletes secrets that no agent refers to, and looks whether agents are up',
      timeout: Duration.minutes(5),
      memorySize: 256,
    },
    seed: {
      id: 'Seed',
      description: 'Registers the agents and sets the permissions of a deployment',
      timeout: Duration.minutes(5),
      memorySize: 512,
    },
    indexer: {
      id: 'Indexer',
      description: 'Keeps the vectors of agents in step with the table',
      timeout: indexerTimeout,
      memorySize: 512,
    },
    push: {
      id: 'Push',
      description: "Delivers what agents tell to callers' webhooks",
      timeout: pushTimeout,
      memorySize: 512,
    },
  };
}

function createFunction(
  scope: Construct,
  name: FunctionName,
  { id, reservedConcurrentExecutions, ...shape }: FunctionShape,
  given: {
    props: A2AGatewayProps;
    environment: Readonly<Record<string, string>>;
    layers: lambda.ILayerVersion[];
    logGroup: logs.ILogGroup;
    role: iam.IRole;
    network: Network | undefined;
  },
): lambda.Function {
  const { props, environment, layers, logGroup, role, network } = given;
  return new lambda.Function(scope, id, {
    ...shape,
    code: bundleOf(name, props.bundlesPath),
    handler: 'index.handler',
    runtime: lambda.Runtime.NODEJS_24_X,
    architecture: lambda.Architecture.ARM_64,
    environment: { ...environment },
    layers,
    tracing: lambda.Tracing.ACTIVE,
    logGroup,
    role,
    ...(reservedConcurrentExecutions !== undefined && { reservedConcurrentExecutions }),
    ...(network !== undefined && {
      vpc: network.vpc,
      vpcSubnets: network.functionSubnets,
      securityGroups: [network.functionSecurityGroup],
    }),
  });
}

function createRole(
  scope: Construct,
  id: string,
  name: FunctionName,
  kept: Kept,
  logGroup: logs.ILogGroup,
  network: Network | undefined,
): iam.Role {
  const role = new iam.Role(scope, id, {
    assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
    description: `A2A gateway: ${name}`,
  });
  const logging = new iam.PolicyStatement({
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [logGroup.logGroupArn],
  });
  const statements = [
    logging,
    ...statementsFor(name, kept),
    ...(network === undefined ? [] : networkStatements()),
  ];
  for (const statement of statements) role.addToPolicy(statement);
  acknowledgeWildcards(role, name, kept, network !== undefined);
  return role;
}

function acknowledgeWildcards(role: iam.Role, name: FunctionName, kept: Kept, isInVpc: boolean): void {
  const stack = Stack.of(role);
  Validations.of(role).acknowledge(
    { id: 'AwsSolutions-IAM5[Resource::*]', reason: wildcardReason(name, isInVpc) },
    ...wildcardsFor(name, kept).map(({ resource, reason }) => ({
      id: wildcardFinding(stack, resource),
      reason,
    })),
  );
}
