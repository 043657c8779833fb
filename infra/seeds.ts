import {
  CustomResource,
  Duration,
  type aws_lambda as lambda,
  Stack,
  type aws_secretsmanager as secretsmanager,
} from 'aws-cdk-lib';
import type { Construct, IDependable } from 'constructs';
import { defaultOperations } from '../src/access/permission.ts';
import type { A2AGatewayProps } from './props.ts';
import type { SeedAgent, SeedPermission } from './seed-props.ts';
import { secretsIn, withArns } from './seed-secrets.ts';

/** The secrets the seed function reads. */
export function seedSecretsOf({ agents = [] }: A2AGatewayProps): secretsmanager.ISecret[] {
  return [...new Set(agents.flatMap(({ authConfig }) => secretsIn(authConfig)))];
}

/**
 * Agents and permissions of the deployment. CloudFormation calls the seed function itself, with names of secrets and no
 * secret; undefined where there is nothing to seed.
 *
 * @param ways what the function needs before it can do its work
 */
export function createSeeds(
  scope: Construct,
  { agents = [], permissions = [], seedsRevision = '1' }: A2AGatewayProps,
  seed: lambda.IFunction,
  ways: readonly IDependable[],
): CustomResource | undefined {
  if (agents.length === 0 && permissions.length === 0) return undefined;
  const seeds = new CustomResource(scope, 'Seeds', {
    serviceToken: seed.functionArn,
    serviceTimeout: Duration.minutes(6),
    resourceType: 'Custom::A2AGatewaySeeds',
    properties: {
      agents: agents.map((agent) => propertiesOf(Stack.of(scope), agent)),
      permissions: permissions.map((permission) => permissionOf(Stack.of(scope), permission)),
      Revision: seedsRevision,
    },
  });
  seeds.node.addDependency(...ways);
  return seeds;
}

/** CloudFormation hands numbers and booleans on as text, so what may hold some is one JSON text. */
function propertiesOf(stack: Stack, agent: SeedAgent): Record<string, unknown> {
  const {
    authConfig = { type: 'none' },
    backend,
    deadlines,
    limits,
    tags = [],
    publicCard = false,
    ...texts
  } = agent;
  const nested = { authConfig: withArns(authConfig), backend, deadlines, limits };
  const given = Object.entries(nested).filter(([, value]) => value !== undefined);
  return {
    ...texts,
    tags: [...tags],
    publicCard,
    ...Object.fromEntries(given.map(([name, value]) => [name, stack.toJsonString(value)])),
  };
}

/** For the same reason what is no text and no list of texts is one JSON text. */
function permissionOf(stack: Stack, permission: SeedPermission): Record<string, unknown> {
  const { scope, allowedAgents, deniedAgents, operations, condition, description, ...nested } = permission;
  const given = Object.entries(nested).filter(([, value]) => value !== undefined);
  return {
    scope,
    allowedAgents: [...allowedAgents],
    ...(deniedAgents !== undefined && { deniedAgents: [...deniedAgents] }),
    operations: [...(operations ?? defaultOperations)],
    ...(condition !== undefined && { condition }),
    ...(description !== undefined && { description }),
    ...Object.fromEntries(given.map(([name, value]) => [name, stack.toJsonString(value)])),
  };
}
