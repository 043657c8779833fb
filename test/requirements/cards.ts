import { type Clauses, everywhere } from './clause.ts';

/** What is said of an agent: A2A §4.4, §5.7, §8, §13.3. */
export const cardClauses = {
  'A2A-4.4.1-valid': {
    section: 'A2A 4.4.1',
    level: 'MUST',
    says: 'a published card validates, whatever card the agent has, and the official SDK takes it',
  },
  'A2A-4.4.1-no-backend': {
    section: 'A2A 4.4.1',
    level: 'MUST',
    says: 'no byte of a published card names the backend',
  },
  'A2A-4.4.3-capabilities': {
    section: 'A2A 4.4.3',
    level: 'MUST',
    says: 'a published card declares only what the gateway carries',
  },
  'A2A-4.4.5-security': {
    section: 'A2A 4.4.5',
    level: 'MUST',
    says: 'a published card says how to get a token of the gateway, and nothing of the security of the backend',
  },
  'A2A-4.4.6-interfaces': {
    section: 'A2A 4.4.6',
    level: 'MUST',
    says: 'a published card names the interfaces that are served, in the order of the agent, and no others',
  },
  'A2A-4.4.6-declared-work': {
    ...everywhere,
    section: 'A2A 4.4.6',
    level: 'MUST',
    says: 'every interface that is declared works for an unmodified client',
  },
  'A2A-5.7-unknown-card-members': {
    section: 'A2A 5.7',
    level: 'SHOULD',
    says: 'unknown members of a card of an agent are ignored',
  },
  'A2A-8.2-address': {
    section: 'A2A 8.2',
    level: 'MAY',
    says: 'the card of an agent is below its own path, with and without a trailing slash',
  },
  'A2A-8.3.2-tenant': {
    section: 'A2A 8.3.2',
    level: 'MUST',
    says: 'the tenant of an interface is named to the agent in every operation',
    ...everywhere,
  },
  'A2A-8.3.2-no-foreign-tenant': {
    section: 'A2A 8.3.2',
    level: 'MUST',
    says: 'a tenant that a caller names, in a body, a query or a path, reaches no agent',
    ...everywhere,
    except: { 'gRPC 0.3': 'its messages have no place for one' },
  },
  'A2A-8.3.2-hidden-tenant': {
    section: 'A2A 8.3.2',
    level: 'MUST',
    says: 'the tenant of an interface is in no published card and in no answer',
  },
  'A2A-8.4-no-stale-signature': {
    section: 'A2A 8.4',
    level: 'MUST',
    says: 'a rewritten card does not carry the signatures of the one it was made of',
  },
  'A2A-8.4.1-canonical': {
    section: 'A2A 8.4.1',
    level: 'MUST',
    says: 'what is signed of a card is its canonical form by RFC 8785, without signatures and without defaults that say nothing',
  },
  'A2A-8.4.2-header': {
    section: 'A2A 8.4.2',
    level: 'MUST',
    says: 'the protected header of a signature names algorithm, type and key, and where the key is published',
  },
  'A2A-8.4.3-verified': {
    section: 'A2A 8.4.3',
    level: 'SHOULD',
    says: 'the signatures of a card of an agent are verified, and only what is signed of a verified card is relied on',
  },
  'A2A-8.4.3-keys': {
    section: 'A2A 8.4.3',
    level: 'MUST',
    says: 'a signature by a key that is not trusted, or no longer, verifies no card',
  },
  'A2A-8.4.3-verifiable': {
    section: 'A2A 8.4.3',
    level: 'MUST',
    says: 'a published card verifies by the keys of the gateway, as A2A 8.4.1 says and as the official SDK does it',
  },
  'A2A-8.4.3-rotation': {
    section: 'A2A 8.4.3',
    level: 'MAY',
    says: 'a key that signs cards is published before it signs, and stays published when it signs no more',
  },
  'A2A-8.6-cache-control': {
    section: 'A2A 8.6',
    level: 'SHOULD',
    says: 'a card says how long it may be kept, and by whom',
  },
  'A2A-8.6-etag': {
    section: 'A2A 8.6',
    level: 'SHOULD',
    says: 'a card has an entity tag of what is in it, and is revalidated by that',
  },
  'A2A-8.6-variants': {
    section: 'A2A 8.6',
    level: 'MUST',
    says: 'each version of a card has an entity tag of its own, and says that it varies by A2A-Version',
  },
  'A2A-13.3-authenticated': {
    ...everywhere,
    section: 'A2A 13.3',
    level: 'MUST',
    says: 'the extended card is for authenticated callers only',
  },
  'A2A-13.3-rewritten': {
    ...everywhere,
    section: 'A2A 13.3',
    level: 'SHOULD',
    says: 'the extended card is rewritten like the public one and is free of internal addresses',
  },
  'A2A-0.3-5.5-card': {
    section: 'A2A 0.3 5.5',
    level: 'MUST',
    says: 'the card of an agent is read by clients of 0.3 in their layout',
  },
  'A2A-0.3-5.5-hybrid': {
    section: 'A2A 0.3 5.5',
    level: 'MAY',
    says: 'an agent that is served in both versions has a card that readers of either take, where no version is asked for',
  },
  'A2A-0.3-5.5-pure': {
    section: 'A2A 4.4.1',
    level: 'MUST',
    says: 'readers who ask for 1.0, and all readers of an agent that may not be called in 0.3, get a card of 1.0 and nothing else in it',
  },
} as const satisfies Clauses;
