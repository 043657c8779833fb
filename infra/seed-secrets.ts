import type { aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';

/** Credentials with each secret by its address: `clientSecret` is then `clientSecretArn`, a companion's too. */
export function withArns(
  given: Readonly<Record<string, unknown>>,
  arnOf: (secret: secretsmanager.ISecret) => string = ({ secretArn }) => secretArn,
): Record<string, unknown> {
  const named = Object.entries(given).map(([name, value]): [string, unknown] => {
    if (isSecret(value)) return [`${name}Arn`, arnOf(value)];
    return [name, isPlain(value) ? withArns(value, arnOf) : value];
  });
  return Object.fromEntries(named);
}

/** The secrets of credentials and of their companions. */
export function secretsIn(given: Readonly<Record<string, unknown>> = {}): secretsmanager.ISecret[] {
  return Object.values(given).flatMap((value) => {
    if (isSecret(value)) return [value];
    return isPlain(value) ? secretsIn(value) : [];
  });
}

export function isSecret(value: unknown): value is secretsmanager.ISecret {
  return typeof value === 'object' && value !== null && 'secretArn' in value;
}

/** An object of members alone: nothing of the CDK, which refers to its whole tree. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
