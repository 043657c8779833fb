import { aws_iam as iam, type aws_kms as kms } from 'aws-cdk-lib';
import { addressInRegion } from './names.ts';

export function allow(actions: string[], resources: string[]): iam.PolicyStatement {
  return new iam.PolicyStatement({ actions, resources });
}

/** A key, used by a service on the function's behalf and not by the function itself. */
export function via(key: kms.IKey, service: string, actions: string[]): iam.PolicyStatement[] {
  const conditions = { StringEquals: { 'kms:ViaService': addressInRegion(service) } };
  return [new iam.PolicyStatement({ actions, resources: [key.keyArn], conditions })];
}
