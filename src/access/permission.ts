import type { PermissionOperation } from '../protocol/permission-operations.ts';

/** What a permission grants where it names no operations. */
export const defaultOperations: readonly PermissionOperation[] = ['send', 'stream', 'read', 'cancel'];

/** How much a caller may do with one agent. 0: nothing at all. Absent: as the gateway's settings say. */
export interface CallerLimits {
  /** In any 60 seconds, however they fall. */
  requestsPerMinute?: number;
  /** How many of a minute's may come at once; the others then come evenly. Absent: all of them. */
  burst?: number;
  /** From midnight to midnight, UTC. */
  requestsPerDay?: number;
  maxOpenStreams?: number;
  maxBodyBytes?: number;
}

/**
 * What is granted to whoever has one scope, is in one group (`group:<group>`), calls by one client (`client:<clientId>`) or is of
 * one tenant (`tenant:<tenant>`).
 * Deny by default: an empty list grants nothing.
 */
export interface Permission extends CallerLimits {
  /** To whom. */
  scope: string;
  /** Agent ids, globs with `*`, or `tag:<tag>`. */
  allowedAgents: string[];
  /** As `allowedAgents`: taken from whoever has this permission, whatever others grant. Absent: none. */
  deniedAgents?: string[];
  operations: PermissionOperation[];
  /**
   * By agent id: skills, or globs of them, one of which a message has to name for this permission to grant it. Agents that
   * are not named here take any message.
   */
  allowedSkills?: Record<string, string[]>;
  /** A condition in Cedar; where it does not hold the permission grants nothing. */
  condition?: string;
  /** By agent id, in the place of this permission's own. A number: of `requestsPerMinute` alone. */
  agentLimits?: Record<string, number | CallerLimits>;
  description?: string;
  revision: number;
  createdAtMs: number;
  updatedAtMs: number;
}

const patternText = /^(?:tag:[\p{L}\p{M}\p{N}._:/@+-]{1,64}|[a-z0-9*](?:[a-z0-9*-]{0,62}))$/u;

/** Whether a text may stand in `allowedAgents`. */
export function isAgentPattern(text: string): boolean {
  return patternText.test(text);
}

/** Whether such a text names one agent, by its id. */
export function isSingleAgent(pattern: string): boolean {
  return isAgentPattern(pattern) && !pattern.startsWith('tag:') && !pattern.includes('*');
}

/** As tokens carry a scope, less the characters a path segment cannot hold (RFC 6749 §3.3), and no dot segment. */
const scopeText = /^(?!\.{1,2}$)[A-Za-z0-9._:-]{1,128}$/;

/** Whether a text may be a scope's key. Does not see to it that it is no group's or client's: see `grantee.ts`. */
export function isPermissionScope(text: string): boolean {
  return scopeText.test(text);
}

/** Whether an `allowedAgents` entry covers an agent. `*` stands for any run of characters, the empty one included. */
export function patternCovers(pattern: string, agent: { agentId: string; tags: readonly string[] }): boolean {
  if (pattern.startsWith('tag:')) return agent.tags.includes(pattern.slice('tag:'.length));
  if (!pattern.includes('*')) return pattern === agent.agentId;
  return globCovers(pattern, agent.agentId);
}

/** Whether a text may stand in `allowedSkills`: an id of a skill, or a glob of them. */
export function isSkillPattern(text: string): boolean {
  return /^[^\p{Cc}\p{Cs}]{1,128}$/u.test(text);
}

/**
 * Whether a permission that lets its holder send messages to an agent lets this one through: any, where it names no skills
 * of the agent; else one that names a skill it allows. Letter for letter but for `*`, any run of characters.
 */
export function takesMessage(
  { allowedSkills = {} }: Pick<Permission, 'allowedSkills'>,
  agentId: string,
  skillId: string | undefined,
): boolean {
  if (!Object.hasOwn(allowedSkills, agentId)) return true;
  const allowed = allowedSkills[agentId] ?? [];
  return (
    skillId !== undefined &&
    allowed.some((pattern) => (pattern.includes('*') ? globCovers(pattern, skillId) : pattern === skillId))
  );
}

/** Linear in the text for each `*`; no regular expression is built from a stored pattern. */
function globCovers(pattern: string, text: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (!text.startsWith(head)) return false;
  const tail = rest.pop() ?? '';
  let at = head.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return text.length - tail.length >= at && text.endsWith(tail);
}
