import { plainText } from './plain-text.ts';

/** An agent that fits, as the directory tells of it. */
export interface NamedAgent {
  agentId: string;
  name: string;
  /** 0 to 1. */
  score: number;
  agentCardUrl: string;
  /** Those in which words of the query stand, best first. */
  matchedSkills: readonly { id: string; name: string }[];
}

export interface Finding {
  query: string;
  /** The best first. */
  agents: readonly NamedAgent[];
  totalMatches: number;
  /** There may be more than `totalMatches`. */
  totalIsLowerBound: boolean;
}

/** A Message of A2A 1.0 (§4.1.4) in ProtoJSON. */
export interface DirectoryMessage {
  messageId: string;
  contextId: string;
  role: 'ROLE_AGENT';
  parts: readonly ({ text: string; mediaType: string } | { data: unknown; mediaType: string })[];
}

/** The text names no more agents, nor more skills of one; the data has all. */
const maxToldAgents = 10;
const maxToldSkills = 3;
const maxNameChars = 80;
const maxQuotedChars = 120;

/** What was found: a text for people, and the same as data for programs. */
export function toMessage(
  finding: Finding,
  ids: Pick<DirectoryMessage, 'messageId' | 'contextId'>,
): DirectoryMessage {
  const { agents, query, totalMatches, totalIsLowerBound } = finding;
  const data = {
    agents: agents.map((agent) => ({ ...agent, matchedSkills: agent.matchedSkills.map(({ id }) => id) })),
    query,
    totalMatches,
    ...(totalIsLowerBound && { totalIsLowerBound }),
  };
  return {
    ...ids,
    role: 'ROLE_AGENT',
    parts: [
      { text: toText(finding), mediaType: 'text/plain' },
      { data, mediaType: 'application/json' },
    ],
  };
}

/** Names and skills are their owners' words, so nothing of them goes in but as plain text of bounded length. */
function toText({ agents, query, totalMatches, totalIsLowerBound }: Finding): string {
  const quoted = `"${plainText(query, maxQuotedChars)}"`;
  if (agents.length === 0) return `No agent that you may call fits ${quoted}. Other words may find one.`;
  const told = agents.slice(0, maxToldAgents);
  if (totalMatches === 1 && !totalIsLowerBound)
    return [`One agent fits ${quoted}:`, ...told.map(toLines)].join('\n\n');
  const best = told.length === 1 ? 'one' : told.length === totalMatches ? 'first' : String(told.length);
  const head = `${totalIsLowerBound ? 'At least ' : ''}${totalMatches} agents fit ${quoted}. The best ${best}:`;
  return [head, ...told.map(toLines)].join('\n\n');
}

function toLines({ agentId, name, score, agentCardUrl, matchedSkills }: NamedAgent, index: number): string {
  const skills = matchedSkills
    .slice(0, maxToldSkills)
    .map((skill) => plainText(skill.name, maxNameChars))
    .filter((skill) => skill !== '');
  return [
    `${index + 1}. ${agentId}: ${plainText(name, maxNameChars)}`,
    `   Fits to ${Math.round(score * 100)} %${skills.length > 0 ? `, with: ${skills.join(', ')}` : ''}`,
    `   ${agentCardUrl}`,
  ].join('\n');
}
