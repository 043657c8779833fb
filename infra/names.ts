import { Aws, type Stack } from 'aws-cdk-lib';
import { auditKeyPrefix } from '../src/audit/seals.ts';
import { secretPrefix } from '../src/registry/registry.ts';
import { sealingPrefix } from '../src/sealing/sealer.ts';

/** ARN of something in the stack's own account and region. */
export function arnOf(service: string, resource: string): string {
  return `arn:${Aws.PARTITION}:${service}:${Aws.REGION}:${Aws.ACCOUNT_ID}:${resource}`;
}

/** `dynamodb.eu-central-1.amazonaws.com` and the like: a service's name as hosts, principals and `kms:ViaService` say it. */
export function addressInRegion(service: string): string {
  return `${service}.${Aws.REGION}.${Aws.URL_SUFFIX}`;
}

/** What the names of agents' secrets begin with: another for each environment of an account. */
export function secretPrefixOf(environment: string): string {
  return `a2a-gateway/${environment}/`;
}

/**
 * Below that prefix: the secrets of agents, the keys the gateway signs with in its own name and cards with, and those it
 * seals with: texts, and the trail.
 */
export const agentSecrets = `${secretPrefix}*`;
export const identitySecrets = 'identity/*';
export const cardSigningSecrets = 'card-signing/*';
export const sealingSecrets = `${sealingPrefix}*`;
export const auditSecrets = `${auditKeyPrefix}*`;

/** What cdk-nag calls a resource with a wildcard: what is known only when it is deployed stands there by its name. */
export function wildcardFinding(stack: Stack, resource: string): string {
  return `AwsSolutions-IAM5[Resource::${flattened(stack.resolve(resource))}]`;
}

function flattened(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const [[name, argument] = ['', '']] = Object.entries(value);
  if (name === 'Ref') return `<${argument}>`;
  // The forms these have.
  if (name === 'Fn::GetAtt') return `<${(argument as string[]).join('.')}>`;
  if (name === 'Fn::Join') {
    const [delimiter, parts] = argument as [string, unknown[]];
    return parts.map(flattened).join(delimiter);
  }
  return JSON.stringify(value);
}
