import {
  CustomResource,
  Duration,
  type aws_lambda as lambda,
  type aws_secretsmanager as secretsmanager,
} from 'aws-cdk-lib';
import type { Construct, IDependable } from 'constructs';
import { defaultOperations } from '../src/access/permission.ts';
import type { A2AGatewayProps, SeedAgent, SeedAuthConfig, SeedPermission } from './props.ts';

/** The client secrets the seed function reads. */
export function clientSecretsOf({ agents = [] }: A2AGatewayProps): secretsmanager.ISecret[] {
  const secrets = agents.flatMap(({ authConfig }) =>
    authConfig?.type === 'oauth2_client_credentials' ? [authConfig.clientSecret] : [],
  );
  return [...new Set(secrets)];
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
      agents: agents.map(agentOf),
      permissions: permissions.map(permissionOf),
      Revision: seedsRevision,
    },
  });
  seeds.node.addDependency(...ways);
  return seeds;
}

function agentOf({
  authConfig,
  tags = [],
  publicCard = false,
  ...agent
}: SeedAgent): Record<string, unknown> {
  return { ...agent, tags: [...tags], publicCard, authConfig: authConfigOf(authConfig) };
}

function authConfigOf(authConfig: SeedAuthConfig = { type: 'none' }): Record<string, unknown> {
  if (authConfig.type === 'none') return { type: 'none' };
  const { clientSecret, scopes = [], ...rest } = authConfig;
  return { ...rest, scopes: [...scopes], clientSecretArn: clientSecret.secretArn };
}

function permissionOf({ allowedAgents, operations, ...permission }: SeedPermission): Record<string, unknown> {
  return {
    ...permission,
    allowedAgents: [...allowedAgents],
    operations: [...(operations ?? defaultOperations)],
  };
}
