import { randomUUID } from 'node:crypto';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createBackends } from '../../../backends/backends.ts';
import { createIdentitySigner } from '../../../backends/identity/create-signer.ts';
import { currentAuthOf } from '../../../registry/registry.ts';
import { createNodeUpstream } from '../../../upstream/node-upstream.ts';
import { createAwsSigner } from '../../aws-signer.ts';
import { openUpstream } from '../../upstream.ts';
import { createCustomResource } from '../custom-resource.ts';
import { openParts } from '../parts.ts';
import { createSeed } from '../seed.ts';
import { started } from '../start.ts';

/** Reads the secrets that properties name: the stack's own, under other names than those the gateway keeps. */
const client = new SecretsManagerClient({});

async function readSecret(arn: string): Promise<string> {
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
  if (SecretString === undefined || SecretString === '') throw new Error('the secret has no text');
  return SecretString;
}

/** Agents and permissions that a stack declares. */
export const handler = started(() => {
  const { settings, ...parts } = openParts(process.env);
  const deps = { ...parts, upstream: openUpstream(settings, createNodeUpstream), newId: randomUUID };
  const aws = createAwsSigner(parts);
  const identity = createIdentitySigner({ ...deps, issuer: settings.publicUrl });
  const currentAuth = currentAuthOf(parts.store.agents);
  const { send } = createBackends({ ...deps, aws, identity, currentAuth });
  const apply = createSeed({
    ...deps,
    send,
    limits: { ...settings.limits, ...settings.deadlines },
    readSecret,
  });
  return createCustomResource({ apply, log: parts.log });
});
