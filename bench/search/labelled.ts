import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAgentCard } from '../../src/protocol/card-parse.ts';
import type { Agent } from '../../src/registry/agent.ts';

/** The kinds of queries; `unanswerable` ones are right to find nothing. */
export const queryKinds = [
  'paraphrase',
  'keyword',
  'name',
  'misspelling',
  'language',
  'unanswerable',
] as const;
export type QueryKind = (typeof queryKinds)[number];

export interface LabelledQuery {
  id: string;
  kind: QueryKind;
  query: string;
  /** Every agent that is a right first answer. */
  relevant: string[];
  language?: string;
}

/** Constants are chosen by the one half and reported on the other. */
export type Half = 'tuning' | 'held out';

/** By the letters of the id, so that about half of every kind and domain goes to each side. */
export function halfOf({ id }: LabelledQuery): Half {
  const sum = [...id].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  return sum % 2 === 1 ? 'tuning' : 'held out';
}

export interface LabelledSet {
  agents: Agent[];
  queries: LabelledQuery[];
}

interface WrittenAgent {
  agentId: string;
  tags: string[];
  name: string;
  description: string;
  skills: Record<string, unknown>[];
}

const here = import.meta.dirname;

/** 120 agents of 12 domains, and what people ask for. */
export function readEnterpriseSet(): LabelledSet {
  return {
    agents: readAll<WrittenAgent>('agents').map(({ agentId, tags, ...card }) => toAgent(agentId, tags, card)),
    queries: readAll<LabelledQuery>('queries'),
  };
}

/**
 * Real cards, one file each, named by number.
 * @param folder where they are; those that cannot be registered are left out, also from what is relevant
 */
export function readRealSet(folder: string): LabelledSet & { refused: number } {
  const files = readdirSync(folder).filter((file) => /^\d+\.json$/.test(file));
  const agents = files.flatMap((file) => {
    const agent = readCard(readFileSync(join(folder, file), 'utf8'), file.slice(0, -'.json'.length));
    return agent === undefined ? [] : [agent];
  });
  const known = new Set(agents.map(({ agentId }) => agentId));
  const queries = readJson<LabelledQuery[]>(join(here, 'real-card-queries.json'))
    .map((query) => ({ ...query, relevant: query.relevant.filter((id) => known.has(id)) }))
    .filter(({ kind, relevant }) => kind === 'unanswerable' || relevant.length > 0);
  return { agents, queries, refused: files.length - agents.length };
}

function readCard(text: string, agentId: string): Agent | undefined {
  try {
    const parsed = parseAgentCard(JSON.parse(text.replace(/^\uFEFF/, '')));
    return parsed.ok ? agentWith(agentId, [], parsed.value.card) : undefined;
  } catch {
    return undefined;
  }
}

function toAgent(agentId: string, tags: string[], card: Omit<WrittenAgent, 'agentId' | 'tags'>): Agent {
  const parsed = parseAgentCard({
    version: '1.0.0',
    capabilities: {},
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    supportedInterfaces: [
      { url: `https://${agentId}.example.com`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
    ],
    ...card,
  });
  if (!parsed.ok) throw new Error(`${agentId}: ${JSON.stringify(parsed.failure)}`);
  return agentWith(agentId, tags, parsed.value.card);
}

function agentWith(agentId: string, tags: string[], card: Agent['card']): Agent {
  return {
    agentId,
    revision: 1,
    status: 'active',
    agentCardUrl: `https://${agentId}.example.com/card.json`,
    authConfig: { type: 'none' },
    tags,
    owner: { issuer: 'https://issuer.example.com', subject: 'owner' },
    publicCard: false,
    card,
    cardWarnings: [],
    cardFetchedAtMs: 0,
    cardVersion: 1,
    cardAcceptedAtMs: 0,
    createdAtMs: 0,
    updatedAtMs: 0,
  };
}

function readAll<T>(folder: string): T[] {
  const files = readdirSync(join(here, folder)).sort();
  return files.flatMap((file) => readJson<T[]>(join(here, folder, file)));
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
