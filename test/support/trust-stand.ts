import type { CardSignatures } from '../../src/registry/card-trust.ts';
import { startGateway, type TestGateway } from './gateway.ts';
import { refusalOf } from './management.ts';
import { cardAt } from './scripted-agent.ts';

type Card = Record<string, unknown>;

/** What became of a card. */
export interface Found {
  status: number;
  /** Of the agent as it is then shown; of a refusal its reason and the verdict it names. */
  verdict: string;
  agentId: string;
  view: Card;
}

/** A gateway that agents with these cards are registered at, each by an id of its own. */
export interface TrustStand {
  gateway: TestGateway;
  card(members?: Card): Card;
  register(given: Card | string, cardSignatures?: CardSignatures, query?: string): Promise<Found>;
  sync(agentId: string, given: Card | string): Promise<Found>;
}

export async function startTrustStand(): Promise<TrustStand> {
  const settings = { deadlines: { cardTimeoutMs: 2_000 } };
  const gateway = await startGateway({ registration: null, settings });
  let count = 0;
  return {
    gateway,
    card: (members = {}) => cardAt(gateway.agent.url, members),
    async register(given, cardSignatures, query = '') {
      gateway.agent.card(given);
      count += 1;
      const agentId = `agent-${count}`;
      const body = {
        agentId,
        agentCardUrl: gateway.agent.cardUrl,
        ...(cardSignatures && { cardSignatures }),
      };
      return foundIn(await gateway.admin('POST', `/admin/agents${query}`, body), agentId);
    },
    async sync(agentId, given) {
      gateway.agent.card(given);
      return foundIn(await gateway.admin('POST', `/admin/agents/${agentId}/sync`), agentId);
    },
  };
}

export async function foundIn(answer: Response, agentId: string): Promise<Found> {
  const { status } = answer;
  if (!answer.ok) {
    const { reason, metadata } = await refusalOf(answer);
    return { status, verdict: `${reason} ${metadata.verdict ?? ''}`, agentId, view: {} };
  }
  const view = (await answer.json()) as Card & { cardTrust: { verdict: string } };
  return { status, verdict: view.cardTrust.verdict, agentId, view };
}
