import type { CardReview, CardReviewDeps } from './card-review.ts';
import type { Registry, RegistryDeps } from './registry.ts';

/** What writes agents: which there are, and which card each is served with. */
export interface AgentManagement {
  registry: Registry;
  cards: CardReview;
}

export type Management = () => Promise<AgentManagement>;

/** Loaded when an agent is first written: most processes only read them. */
export function createLaterManagement(deps: RegistryDeps & CardReviewDeps): Management {
  let loaded: Promise<AgentManagement> | undefined;
  return () => {
    loaded ??= import('./management.ts').then(({ createManagement }) => createManagement(deps));
    return loaded;
  };
}
