import type { IndexAnswer, IndexQuery } from '../../src/search/search-index.ts';
import type { AgentLiteral } from '../support/hashing-embedder.ts';

/** The agents most of the search index contract is about. */
export const office: readonly AgentLiteral[] = [
  {
    agentId: 'invoice-desk',
    name: 'Ledger Desk',
    description: 'Checks supplier invoices against orders, for office employees',
    tags: ['finance', 'eu'],
    skills: ['Match invoices'],
    streaming: true,
  },
  {
    agentId: 'payroll',
    name: 'Payroll',
    description: 'Pays salaries and answers questions about payslips, for office employees',
    tags: ['finance', 'hr'],
  },
  {
    agentId: 'weather',
    name: 'Weather',
    description: 'Forecasts of rain, storms and temperature, for office employees',
    tags: ['eu'],
    streaming: true,
  },
  {
    agentId: 'team-a-translator',
    name: 'Translator',
    description: 'Translates contracts between languages, for office employees',
    tags: ['language'],
  },
  {
    agentId: 'team-b-summariser',
    name: 'Summariser',
    description: 'Shortens contracts and reports, for office employees',
    tags: ['language', 'Invoice-Desk'],
  },
];

export const idsOf = ({ hits }: IndexAnswer) => hits.map(({ agentId }) => agentId);

/** Asks the index of a test, for a caller who may see everything unless `within` differs. */
export type Find = (text: string, within?: Partial<IndexQuery>) => Promise<IndexAnswer>;

/** Finds every agent of the office, so that only what is permitted decides. */
export const anyone = 'office employees';
