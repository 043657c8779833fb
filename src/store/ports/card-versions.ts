import type { CardVersion } from '../../registry/card-version.ts';
import type { Page, PageRequest } from './page.ts';

/** The cards an agent was served with: one row for each that was accepted, never changed. Gone with the agent. */
export interface CardVersionStore {
  /** The latest first, without their cards. */
  list(agentId: string, page: PageRequest): Promise<Page<Omit<CardVersion, 'card'>>>;
  get(agentId: string, version: number): Promise<CardVersion | undefined>;
}
