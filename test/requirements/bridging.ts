import { type Clauses, everywhere } from './clause.ts';

/** What holds where caller and agent speak differently. */
export const bridgingClauses = {
  'A2A-5.1-any-to-any': {
    section: 'A2A 5.1',
    level: 'MUST',
    says: 'whatever a caller speaks and whatever the agent speaks, every operation works that both versions have',
    ...everywhere,
  },
  'A2A-5.1-transparent-first': {
    section: 'A2A 5.1',
    level: 'MAY',
    says: 'where the agent speaks what the caller speaks, nothing is translated',
  },
  'A2A-5.1-round-trip': {
    section: 'A2A 5.1',
    level: 'MUST',
    says: 'from 0.3 to 1.0 and back nothing is lost but what docs/bridging.md lists',
  },
  'A2A-0.3-6.3-states': {
    section: 'A2A 0.3 6.3',
    level: 'MUST',
    says: 'states of tasks and roles of messages are named as each version and binding names them',
  },
  'A2A-0.3-6.5-parts': {
    section: 'A2A 0.3 6.5',
    level: 'MUST',
    says: 'texts, files and data become the parts of the other version',
  },
  'A2A-0.3-6.8-push-configs': {
    section: 'A2A 0.3 6.8',
    level: 'MUST',
    says: 'push configurations are flat in 1.0 and nested in 0.3',
  },
  'A2A-0.3-7.1-blocking': {
    section: 'A2A 0.3 7.1',
    level: 'MUST',
    says: 'a caller who waits in one version waits in the other',
  },
  'A2A-5.5-numbers': {
    section: 'A2A 5.5',
    level: 'MUST',
    says: 'numbers that no double holds survive but where a side speaks gRPC',
  },
  'A2A-4.3.3-webhook-version': {
    section: 'A2A 4.3.3',
    level: 'MUST',
    says: 'what is posted to a webhook is in the version it was registered in',
    ...everywhere,
  },
} as const satisfies Clauses;
