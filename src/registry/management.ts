import { type CardReviewDeps, createCardReview } from './card-review.ts';
import type { AgentManagement } from './later-management.ts';
import { createRegistry, type RegistryDeps } from './registry.ts';

export function createManagement(deps: RegistryDeps & CardReviewDeps): AgentManagement {
  return { registry: createRegistry(deps), cards: createCardReview(deps) };
}
