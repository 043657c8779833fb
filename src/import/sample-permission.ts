import { isGrantee, looksQualified } from '../access/grantee.ts';
import { agentLimits, limitMembers } from '../access/limit-schema.ts';
import { isAgentPattern, isSingleAgent } from '../access/permission.ts';
import { isRecord, textsOf } from './attribute-value.ts';
import type { Parsed } from './sample-agent.ts';

/** What is moved of a row of the sample's permission table. */
export interface SamplePermission {
  scope: string;
  allowedAgents: string[];
  /** Absent where the sample has no limit: 0 is none there. */
  requestsPerMinute?: number;
  agentLimits?: Record<string, number>;
  description?: string;
  /** What the row says and the gateway cannot keep. */
  leftOut: string[];
}

/** Reads a row of the sample's permission table, of whatever shape. Scope names are used as they are. */
export function parseSamplePermission(row: unknown): Parsed<SamplePermission> {
  if (!isRecord(row)) return { skipped: 'the row is no record' };
  const { scope, allowedAgents, description } = row;
  if (typeof scope !== 'string' || scope === '') return { skipped: 'the row has no scope' };
  if (looksQualified(scope) || !isGrantee(scope))
    return {
      skipped: 'scope is none here: letters, digits and . _ : -, at most 128, no group:, client: or tenant:',
    };
  const entries = textsOf(allowedAgents);
  if (entries === undefined) return { skipped: 'allowedAgents is no list of texts' };
  const named = [...new Set(entries)];
  const kept = named.filter(keepsItsMeaning);
  const without = named.filter((entry) => !keepsItsMeaning(entry));
  const { limits, notes } = limitsOf(row);
  return {
    value: {
      scope,
      allowedAgents: kept,
      ...limits,
      ...(typeof description === 'string' && { description }),
      leftOut: [...notes, ...without.map((entry) => `allowedAgents ${entry}: no agent id here`)],
    },
  };
}

/** `tag:…` is an agent id in the sample and every agent of a tag here: taken over, it would grant what it did not. */
function keepsItsMeaning(entry: string): boolean {
  return isAgentPattern(entry) && !entry.startsWith('tag:');
}

type Limits = Pick<SamplePermission, 'requestsPerMinute' | 'agentLimits'>;

/**
 * Zero is no limit in the sample, and nothing at all here. One agent's that is no limit, beside a limit for all, cannot be said
 * here.
 */
function limitsOf({ requestsPerMinute, agentLimits: given }: Record<string, unknown>): {
  limits: Limits;
  notes: string[];
} {
  const perMinute = isLimit(requestsPerMinute) ? requestsPerMinute : undefined;
  const entries = Object.entries(isRecord(given) ? given : {});
  const kept = entries.filter(
    (entry): entry is [string, number] => isSingleAgent(entry[0]) && isLimit(entry[1]),
  );
  const lost = entries.filter(
    ([agentId, limit]) => (limit || perMinute !== undefined) && !kept.some(([name]) => name === agentId),
  );
  const ofAgents = agentLimits.safeParse(Object.fromEntries(kept));
  return {
    limits: {
      ...(perMinute !== undefined && { requestsPerMinute: perMinute }),
      ...(kept.length > 0 && ofAgents.success && { agentLimits: Object.fromEntries(kept) }),
    },
    notes: [
      ...(requestsPerMinute && perMinute === undefined ? ['requestsPerMinute: no limit here'] : []),
      ...(ofAgents.success ? [] : ['agentLimits: more than a permission has here']),
      ...lost.map(([agentId]) => `agentLimits ${agentId}: no limit of an agent here`),
    ],
  };
}

function isLimit(value: unknown): value is number {
  return value !== 0 && limitMembers.requestsPerMinute.unwrap().safeParse(value).success;
}
