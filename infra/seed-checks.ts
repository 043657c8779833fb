import { Token } from 'aws-cdk-lib';
import { isAgentPattern, isPermissionScope } from '../src/access/permission.ts';
import { permissionOperations } from '../src/protocol/operations.ts';
import { isAgentId } from '../src/registry/agent.ts';
import type { A2AGatewayProps, SeedAgent, SeedPermission } from './props.ts';

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

function checkAgent({ agentId, agentCardUrl, backendUrl, authConfig }: SeedAgent): void {
  if (!isAgentId(agentId))
    throw new TypeError(
      `agents: ${quoted(agentId)} is no agent id (a-z, 0-9 and -, at most 63, not ending in -)`,
    );
  checkUrl('agentCardUrl', agentCardUrl);
  if (backendUrl !== undefined) checkUrl('backendUrl', backendUrl);
  if (authConfig?.type === 'oauth2_client_credentials') checkUrl('tokenUrl', authConfig.tokenUrl);
}

function checkPermission({ scope, allowedAgents, operations = [] }: SeedPermission): void {
  if (!isPermissionScope(scope)) throw new TypeError(`permissions: ${quoted(scope)} is no scope`);
  const pattern = allowedAgents.find((text) => !isAgentPattern(text));
  if (pattern !== undefined)
    throw new TypeError(`permissions: ${quoted(pattern)} is no agent id, no glob with * and no tag:<tag>`);
  const operation = operations.find((name) => !permissionOperations.includes(name));
  if (operation !== undefined)
    throw new TypeError(`permissions: ${quoted(operation)} is none of ${permissionOperations.join(', ')}`);
}

function checkUrl(name: string, url: string): void {
  if (Token.isUnresolved(url) || (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))) return;
  throw new TypeError(`agents: ${name} ${quoted(url)} is no URL`);
}

function firstTwice(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) < index);
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
