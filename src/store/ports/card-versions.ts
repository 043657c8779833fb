import type { CardVersion } from '../../registry/card-version.ts';
import type { Page, PageRequest } from './page.ts';

/**
 * The cards an agent was served with: one row for each version that a write of the agent brought, made in that very write
 * and never changed. The last 50 of an agent are kept, and gone with it. An agent written before
 * there were versions has its card for the first.
 */
export interface CardVersionStore {
  /** The latest first, without their cards; keys of pages are version numbers. */
  list(agentId: string, page: PageRequest): Promise<Page<CardVersionSummary>>;
  get(agentId: string, version: number): Promise<CardVersion | undefined>;
}

export type CardVersionSummary = Omit<CardVersion, 'card'>;
