import { describe, expect, it } from 'vitest';
import type { AgentCard } from '../protocol/card.ts';
import type { Agent } from '../registry/agent.ts';
import {
  fields,
  fromDocumentJson,
  maxDocumentTerms,
  maxTextChars,
  toDocumentJson,
  toSearchDocument,
} from './document.ts';

const card: AgentCard = {
  name: 'Invoice Desk',
  description: 'Pays suppliers. Runs at https://billing.internal.example/rpc for finance.',
  version: '1.0.0',
  supportedInterfaces: [
    { url: 'https://billing.internal.example/rpc', protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
    { url: 'https://billing.internal.example/old', protocolBinding: 'JSONRPC', protocolVersion: '0.3' },
    { url: 'billing.internal.example:50051', protocolBinding: 'GRPC', protocolVersion: '1.0' },
  ],
  capabilities: { streaming: true, pushNotifications: false },
  defaultInputModes: ['text/plain'],
  defaultOutputModes: ['text/plain'],
  skills: [
    {
      id: 'match',
      name: 'Matching',
      description: 'Matches orders',
      tags: ['three-way'],
      examples: ['Is order 7 paid?'],
    },
  ],
};

function agent(changes: Partial<AgentCard> = {}, more: Partial<Agent> = {}): Agent {
  return {
    agentId: 'billing',
    revision: 3,
    status: 'active',
    agentCardUrl: 'https://billing.internal.example/card.json',
    authConfig: { type: 'none' },
    tags: ['finance'],
    owner: { issuer: 'https://issuer.example', subject: 'owner' },
    publicCard: false,
    card: { ...card, ...changes },
    cardWarnings: [],
    cardFetchedAtMs: 0,
    cardVersion: 1,
    cardAcceptedAtMs: 0,
    createdAtMs: 0,
    updatedAtMs: 0,
    ...more,
  };
}

describe('a document', () => {
  it('has each term at its best place', () => {
    const { terms, name, tags, revision } = toSearchDocument(agent());
    const place = (term: string) => fields[terms.get(term) ?? -1];
    expect({ name, tags, revision }).toEqual({ name: 'invoice desk', tags: ['finance'], revision: 3 });
    expect(['invoic', 'bill', 'financ', 'three', 'match', 'supplier', 'paid'].map(place)).toEqual([
      ...['name', 'name', 'tag', 'tag', 'skill', 'description', 'example'],
    ]);
  });

  it('tells what the agent speaks itself, in what the gateway can speak with it', () => {
    expect(toSearchDocument(agent()).facets).toEqual([
      'binding:JSONRPC',
      'version:1.0',
      'binding:GRPC',
      'version:0.3',
      'capability:streaming',
    ]);
  });

  it('holds nothing of where the backend is', () => {
    const { terms, text } = toSearchDocument(agent());
    expect(terms.has('intern')).toBe(false);
    expect(text).not.toContain('internal');
  });

  it('is cut by a rule', () => {
    const many = Array.from({ length: 900 }, (_, at) => `word${at}`).join(' ');
    const long = toSearchDocument(agent({ description: many, skills: [] }));
    expect(long.terms.size).toBe(maxDocumentTerms);
    expect(long.text.length).toBeLessThanOrEqual(maxTextChars);
    expect(long.text).toMatch(/^Invoice Desk\. word0 /);
    expect(toSearchDocument(agent({ description: '😀'.repeat(2_000) })).text).not.toMatch(/\p{Cs}/u);
  });

  it('has a text to embed whatever the card says', () => {
    const { text } = toSearchDocument(agent({ name: ' ', description: ' ', skills: [] }, { tags: [] }));
    expect(text.trim()).not.toBe('');
  });

  it('is the same after it was kept, terms like members of objects among them', () => {
    const document = toSearchDocument(agent({ description: 'constructor __proto__ toString' }));
    expect(fromDocumentJson(toDocumentJson(document))).toEqual(document);
    expect(document.terms.get('constructor')).toBeDefined();
  });
});
