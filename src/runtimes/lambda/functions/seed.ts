import { randomUUID } from 'node:crypto';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { openConditions } from '../../../access/open-conditions.ts';
import { openChangeTrail } from '../../../audit/change-trail.ts';
import { createAuditSeals } from '../../../audit/seals.ts';
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
  const parts = openParts(process.env);
  const changeTrail = openChangeTrail(parts.settings.audit, {
    ...parts,
    seals: createAuditSeals(parts),
    newId: randomUUID,
  });
  const apply = createSeed({
    ...parts,
    changeTrail,
    permissions: parts.store.permissions,
    conditions: openConditions(parts.settings.permissions, parts.log),
    async openAgents() {
      const { openAgentSeed } = await import('../seed-agents-open.ts');
      return openAgentSeed({ ...parts, changeTrail }, readSecret);
    },
  });
  return createCustomResource({ apply, log: parts.log });
});
