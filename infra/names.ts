import { Aws } from 'aws-cdk-lib';

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
 * What cdk-nag calls a resource with a wildcard: what is known only when it is deployed stands there by its name.
 * @param attributes names of other such parts: `{logical id}.{attribute}`
 */
export function wildcardFinding(resource: string, attributes: Readonly<Record<string, string>> = {}): string {
  const pseudo = { [Aws.PARTITION]: 'Partition', [Aws.REGION]: 'Region', [Aws.ACCOUNT_ID]: 'AccountId' };
  const names = [
    ...Object.entries(pseudo).map(([token, name]) => [token, `AWS::${name}`] as const),
    ...Object.entries(attributes),
  ];
  const named = names.reduce((text, [token, name]) => text.replaceAll(token, `<${name}>`), resource);
  return `AwsSolutions-IAM5[Resource::${named}]`;
}
