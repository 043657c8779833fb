import { Token } from 'aws-cdk-lib';
import { isGrantee } from '../src/access/grantee.ts';
import { defaultOperations, isAgentPattern } from '../src/access/permission.ts';
import { companionKinds, credentialKinds } from '../src/backends/kinds.ts';
import { permissionOperations } from '../src/protocol/permission-operations.ts';
import { isAgentId } from '../src/registry/agent.ts';
import { seedAgentSchema, seedPermissionSchema } from '../src/runtimes/lambda/seed-properties.ts';
import type { A2AGatewayProps } from './props.ts';
import type { SeedAgent, SeedPermission } from './seed-props.ts';
import { isPlain, isSecret, withArns } from './seed-secrets.ts';

/**
 * What registration would refuse, as far as it can be told without fetching a card.
 * @throws TypeError that quotes the value
 */
export function checkSeeds({ agents = [], permissions = [] }: A2AGatewayProps): void {
  for (const agent of agents) checkAgent(agent);
  for (const permission of permissions) checkPermission(permission);
  const twice =
    firstTwice(agents.map(({ agentId }) => agentId)) ?? firstTwice(permissions.map(({ scope }) => scope));
  if (twice !== undefined) throw new TypeError(`seeds: ${quoted(twice)} is there twice`);
}

function checkAgent(agent: SeedAgent): void {
  const { agentId, authConfig = { type: 'none' } } = agent;
  if (!isAgentId(agentId))
    throw new TypeError(
      `agents: ${quoted(agentId)} is no agent id (a-z, 0-9 and -, at most 63, not ending in -)`,
    );
  checkSecrets(agentId, authConfig);
  const given = { ...agent, authConfig: withArns(authConfig, () => someSecretArn) };
  // The function that registers it will tell, once its texts are known.
  if (Token.isUnresolved(JSON.stringify(given))) return;
  const [issue] = seedAgentSchema.safeParse(given).error?.issues ?? [];
  if (issue === undefined) return;
  const [member] = issue.path;
  // Of credentials no value: it may be a secret in the wrong place.
  const value = member === 'agentCardUrl' || member === 'backendUrl' ? ` ${quoted(agent[member])}` : '';
  throw new TypeError(`agents: ${quoted(agentId)}: ${issue.path.join('.')}${value}: ${issue.message}`);
}

/** Of no secret here, only in the form of one. */
const someSecretArn = 'arn:aws:secretsmanager:eu-central-1:111111111111:secret:known-when-it-is-deployed';

const secretNames: ReadonlySet<string> = new Set(
  [...credentialKinds, ...Object.values(companionKinds)].flatMap(({ secrets }) => Object.keys(secrets)),
);

function checkSecrets(agentId: string, given: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(given)) {
    if (isPlain(value)) checkSecrets(agentId, value);
    if (secretNames.has(name) && value !== undefined && !isSecret(value))
      throw new TypeError(
        `agents: ${quoted(agentId)}: ${name} must be a secret of Secrets Manager: templates can be read`,
      );
  }
}

function checkPermission(permission: SeedPermission): void {
  const { scope, allowedAgents, deniedAgents = [], operations = defaultOperations } = permission;
  if (!isGrantee(scope)) throw new TypeError(`permissions: ${quoted(scope)} is no scope, group or client`);
  const pattern = [...allowedAgents, ...deniedAgents].find((text) => !isAgentPattern(text));
  if (pattern !== undefined)
    throw new TypeError(`permissions: ${quoted(pattern)} is no agent id, no glob with * and no tag:<tag>`);
  const operation = operations.find((name) => !permissionOperations.includes(name));
  if (operation !== undefined)
    throw new TypeError(`permissions: ${quoted(operation)} is none of ${permissionOperations.join(', ')}`);
  const given = { ...permission, operations };
  if (Token.isUnresolved(JSON.stringify(given))) return;
  const [issue] = seedPermissionSchema.safeParse(given).error?.issues ?? [];
  if (issue === undefined) return;
  throw new TypeError(`permissions: ${quoted(scope)}: ${issue.path.join('.')}: ${issue.message}`);
}

function firstTwice(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) < index);
}

function quoted(text: string | undefined): string {
  return JSON.stringify(text);
}
