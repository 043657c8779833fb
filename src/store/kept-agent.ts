import type { Agent } from '../registry/agent.ts';

/** What agents written before there were versions of cards have not. */
type Older = Omit<Agent, 'cardVersion' | 'cardAcceptedAtMs'>;

/** The agent of a document, whichever release wrote it. */
export function keptAgent(document: unknown): Agent {
  // The only writers of documents are the adapters, so it is an agent of some release.
  const agent = document as Older & Partial<Agent>;
  return {
    ...agent,
    cardVersion: agent.cardVersion ?? 1,
    cardAcceptedAtMs: agent.cardAcceptedAtMs ?? agent.cardFetchedAtMs,
  };
}
