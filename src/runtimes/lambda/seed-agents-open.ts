import { randomUUID } from 'node:crypto';
import type { ChangeTrail } from '../../audit/audit.ts';
import { createBackends } from '../../backends/backends.ts';
import { createIdentitySigner } from '../../backends/identity/create-signer.ts';
import { currentAuthOf } from '../../registry/current-auth.ts';
import { createNodeUpstream } from '../../upstream/node-upstream.ts';
import { createAwsSigner } from '../aws-signer.ts';
import { openUpstream } from '../upstream.ts';
import type { Parts } from './parts.ts';
import { type AgentSeed, createAgentSeed, type ReadSecret } from './seed-agents.ts';

/** What registering agents takes. @throws as `openUpstream` */
export function openAgentSeed(
  { settings, store, ...parts }: Parts & { changeTrail: ChangeTrail },
  readSecret: ReadSecret,
): AgentSeed {
  const { agents } = store;
  const deps = { ...parts, upstream: openUpstream(settings, createNodeUpstream), newId: randomUUID };
  const identity = createIdentitySigner({ ...deps, issuer: settings.publicUrl });
  const { send } = createBackends({
    ...deps,
    aws: createAwsSigner(parts),
    identity,
    currentAuth: currentAuthOf(agents),
  });
  const limits = { ...settings.limits, ...settings.deadlines };
  return createAgentSeed({ ...deps, agents, send, limits, readSecret });
}
