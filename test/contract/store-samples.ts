import type { Permission } from '../../src/access/permission.ts';
import type { Agent } from '../../src/registry/agent.ts';

/** An agent with every optional member absent. */
export function anAgent(agentId: string): Agent {
  return {
    agentId,
    revision: 1,
    status: 'active',
    agentCardUrl: 'https://agent.test/.well-known/agent-card.json',
    authConfig: { type: 'none' },
    tags: [],
    owner: { issuer: 'https://issuer.test', subject: 'kim' },
    publicCard: false,
    card: {
      name: 'Agent',
      description: '',
      version: '1',
      supportedInterfaces: [
        { url: 'https://agent.test/', protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
      ],
      capabilities: {},
      defaultInputModes: [],
      defaultOutputModes: [],
      skills: [],
    },
    cardWarnings: [],
    cardFetchedAtMs: 1_700_000_000_000,
    cardVersion: 1,
    cardAcceptedAtMs: 1_700_000_000_000,
    createdAtMs: 1_700_000_000_000,
    updatedAtMs: 1_700_000_000_000.5,
  };
}

/** An agent with every optional member. */
export function aFullAgent(agentId: string): Agent {
  const agent = anAgent(agentId);
  return {
    ...agent,
    statusReason: 'wartet auf Prüfung \0 \u2028 😀',
    backendUrl: 'https://agent.test',
    authConfig: {
      type: 'oauth2_client_credentials',
      tokenUrl: 'https://issuer.test/token',
      clientId: 'gateway',
      scopes: ['invoke'],
      secretName: 'agents/full/1',
    },
    tags: ['finance', 'grün', 'finance'],
    publicCard: true,
    card: {
      ...agent.card,
      capabilities: { streaming: true, extensions: [{ uri: 'urn:x', params: { ratio: 0.1, big: 1e300 } }] },
    },
    cardWarnings: ['an unknown member was dropped'],
    cardOrigin: 'https://cards.test',
    declaredSecurity: { security: [{ key: [] }] },
    cardTrust: { verdict: 'unsigned' },
    cardVersion: 3,
    cardAcceptedBy: { issuer: 'https://issuer.test', subject: 'kim' },
    candidate: {
      card: { ...agent.card, version: '2' },
      cardWarnings: [],
      cardFetchedAtMs: 1_700_000_000_001,
      digest: 'd',
      risks: [{ kind: 'security', path: '/security', detail: 'has changed' }],
    },
    statusChangedAtMs: 1_700_000_000_000,
    statusChangedBy: { issuer: 'https://issuer.test', subject: 'kim' },
  };
}

export function aPermission(scope: string): Permission {
  return {
    scope,
    allowedAgents: [],
    operations: ['send', 'read'],
    revision: 1,
    createdAtMs: 1_700_000_000_000,
    updatedAtMs: 1_700_000_000_000.5,
  };
}
