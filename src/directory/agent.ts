import type { AgentCard } from '../protocol/card.ts';
import type { Agent } from '../registry/agent.ts';
import { directoryAgentId } from '../registry/registration-schema.ts';

/** Resolves nowhere, so that a call that went out by mistake would reach nobody (RFC 6761 §6.4). */
export const rpcUrl = 'https://directory.invalid/rpc';
export const restUrl = 'https://directory.invalid/rest';

/**
 * The directory as an agent like any other: what routes, cards and checks know of it. Its card may be read without a
 * token, so that whoever knows only the gateway's address finds it.
 *
 * @param version of the gateway
 */
export function directoryAgent(version: string): Agent {
  return {
    agentId: directoryAgentId,
    revision: 1,
    status: 'active',
    agentCardUrl: 'https://directory.invalid/agent-card.json',
    authConfig: { type: 'none' },
    tags: [],
    owner: { issuer: '', subject: '' },
    publicCard: true,
    // It keeps nothing, so there is nothing to keep apart.
    ownership: 'backend',
    card: directoryCard(version),
    cardWarnings: [],
    cardFetchedAtMs: 0,
    cardVersion: 1,
    cardAcceptedAtMs: 0,
    createdAtMs: 0,
    updatedAtMs: 0,
  };
}

const modes = ['text/plain', 'application/json'];

function directoryCard(version: string): AgentCard {
  return {
    name: 'Directory',
    description:
      'Finds the agents behind this gateway that fit a need, among those the caller may call. Send a sentence that says what is needed; the answer names the best agents, in words and as data.',
    version,
    supportedInterfaces: [
      { url: rpcUrl, protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
      { url: restUrl, protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' },
    ],
    capabilities: { streaming: true, pushNotifications: false },
    defaultInputModes: modes,
    defaultOutputModes: modes,
    skills: [
      {
        id: 'find-agents',
        name: 'Find agents',
        description:
          'Takes text, or a data part with `query` and optionally `topK`, `tags`, `protocolBinding`, `protocolVersion` and `capability`. Answers a message with a text part for people and a data part with `agents`, `query` and `totalMatches`.',
        tags: ['discovery', 'registry', 'search'],
        examples: ['Who can check an invoice?', 'Translate a contract into German'],
      },
    ],
  };
}
