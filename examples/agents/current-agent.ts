import { AgentCard } from '@a2a-js/sdk';
import { type AgentExecutor, DefaultRequestHandler, InMemoryTaskStore } from '@a2a-js/sdk/server';
import { jsonRpcHandler, restHandler, UserBuilder } from '@a2a-js/sdk/server/express';
import { AGENT_CARD_PATH, type ExampleAgent, jsonBody } from './agent.ts';
import type { TokenGate } from './token-gate.ts';

/** A skill as a card spells it. */
export interface Skill {
  id: string;
  name: string;
  description: string;
  tags: string[];
  examples?: string[];
}

export interface CurrentAgent {
  agentId: string;
  executor: AgentExecutor;
  stop?(): void;
  card: {
    name: string;
    description: string;
    capabilities: { streaming?: boolean; pushNotifications?: boolean; extendedAgentCard?: boolean };
    skills: Skill[];
  };
  /** Further skills, told only in the extended card (A2A §13.3). */
  extendedSkills?: Skill[];
}

/** An agent of A2A 1.0 on both its HTTP bindings: JSON-RPC at `/a2a/jsonrpc`, HTTP+JSON at `/a2a/rest`. */
export function currentAgent(agent: CurrentAgent): ExampleAgent {
  return {
    agentId: agent.agentId,
    protocolVersion: '1.0',
    mount(app, { baseUrl, gate }) {
      const card = cardOf(agent, baseUrl, gate);
      // Served by hand: the SDK's own card route writes its in-memory form of security schemes, not ProtoJSON.
      app.get(AGENT_CARD_PATH, (_request, response) => {
        response.json(AgentCard.toJSON(card));
      });
      if (gate) app.use(gate.check);
      const requestHandler = handlerOf(agent, card);
      const userBuilder = gate?.userBuilder ?? UserBuilder.noAuthentication;
      app.use('/a2a/jsonrpc', ...jsonBody('jsonrpc'));
      app.use('/a2a/jsonrpc', jsonRpcHandler({ requestHandler, userBuilder }));
      app.use('/a2a/rest', ...jsonBody('rest'));
      app.use('/a2a/rest', restHandler({ requestHandler, userBuilder }));
    },
    stop: () => agent.stop?.(),
  };
}

function handlerOf(agent: CurrentAgent, card: AgentCard): DefaultRequestHandler {
  const { extendedSkills = [] } = agent;
  const extended = AgentCard.fromJSON(AgentCard.toJSON(card));
  extended.skills.push(...AgentCard.fromJSON({ skills: extendedSkills }).skills);
  return new DefaultRequestHandler(
    card,
    new InMemoryTaskStore(),
    agent.executor,
    undefined,
    undefined,
    undefined,
    // Whoever gets past the gate may read it; without a gate this is a demonstration and everybody may.
    async () => extended,
  );
}

/** ProtoJSON in, so that what stands here is what callers read. */
function cardOf(agent: CurrentAgent, baseUrl: string, gate?: TokenGate): AgentCard {
  return AgentCard.fromJSON({
    ...agent.card,
    version: '1.0.0',
    provider: { organization: 'A2A gateway examples', url: 'https://a2a-protocol.org' },
    supportedInterfaces: [
      { url: `${baseUrl}/a2a/jsonrpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
      { url: `${baseUrl}/a2a/rest`, protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' },
    ],
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    ...gate?.security,
  });
}
