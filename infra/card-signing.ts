import { aws_kms as kms, RemovalPolicy } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { A2AGatewayProps } from './props.ts';

/** Whether keys of KMS sign cards; else keys among the secrets do. */
export function hasCardSigningKeys({
  cardSigningKeys = [],
  customerManagedKey = true,
}: A2AGatewayProps): boolean {
  return cardSigningKeys.length > 0 || customerManagedKey;
}

/** The keys that sign published cards, the one that signs now first; none where keys among the secrets do. */
export function cardSigningKeysOf(
  scope: Construct,
  props: A2AGatewayProps,
  environment: string,
): readonly kms.IKey[] {
  const { cardSigningKeys = [], removalPolicy = RemovalPolicy.RETAIN } = props;
  if (cardSigningKeys.length > 0 || !hasCardSigningKeys(props)) return cardSigningKeys;
  const key = new kms.Key(scope, 'CardSigningKey', {
    description: `A2A gateway ${environment}: signatures of agent cards`,
    alias: `a2a-gateway/${environment}/cards`,
    keySpec: kms.KeySpec.ECC_NIST_P256,
    keyUsage: kms.KeyUsage.SIGN_VERIFY,
    removalPolicy,
  });
  return [key];
}
