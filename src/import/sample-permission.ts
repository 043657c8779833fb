import { isAgentPattern, isPermissionScope } from '../access/permission.ts';
import { isRecord, textsOf } from './attribute-value.ts';
import type { Parsed } from './sample-agent.ts';

/** What is moved of a row of the sample's permission table. */
export interface SamplePermission {
  scope: string;
  allowedAgents: string[];
  description?: string;
  /** What the row says and the gateway cannot keep. */
  leftOut: string[];
}

/** Reads a row of the sample's permission table, of whatever shape. Scope names are used as they are. */
export function parseSamplePermission(row: unknown): Parsed<SamplePermission> {
  if (!isRecord(row)) return { skipped: 'the row is no record' };
  const { scope, allowedAgents, description } = row;
  if (typeof scope !== 'string' || scope === '') return { skipped: 'the row has no scope' };
  if (!isPermissionScope(scope))
    return { skipped: 'scope is none here: letters, digits and . _ : -, at most 128' };
  const entries = textsOf(allowedAgents);
  if (entries === undefined) return { skipped: 'allowedAgents is no list of texts' };
  const named = [...new Set(entries)];
  const kept = named.filter(keepsItsMeaning);
  const without = named.filter((entry) => !keepsItsMeaning(entry));
  return {
    value: {
      scope,
      allowedAgents: kept,
      ...(typeof description === 'string' && { description }),
      leftOut: [...limitsOf(row), ...without.map((entry) => `allowedAgents ${entry}: no agent id here`)],
    },
  };
}

/** `tag:…` is an agent id in the sample and every agent of a tag here: taken over, it would grant what it did not. */
function keepsItsMeaning(entry: string): boolean {
  return isAgentPattern(entry) && !entry.startsWith('tag:');
}

/** Zero is no limit in the sample either. */
function limitsOf({ requestsPerMinute, agentLimits }: Record<string, unknown>): string[] {
  const limits: string[] = [];
  if (requestsPerMinute) limits.push('requestsPerMinute');
  if (isRecord(agentLimits) && Object.keys(agentLimits).length > 0) limits.push('agentLimits');
  return limits.map((name) => `${name}: this version keeps no limits`);
}
