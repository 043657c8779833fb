import type { Clauses } from './clause.ts';

/** Of other specifications. */
export const otherClauses = {
  'RFC-6750-3-error': {
    section: 'RFC 6750 3',
    level: 'SHOULD',
    says: 'a refusal names its error, a missing token none',
  },
  'RFC-7517-5-public-members': {
    section: 'RFC 7517 5',
    level: 'MUST',
    says: 'the published key set has public members only',
  },
  'RFC-7519-4-claims': {
    section: 'RFC 7519 4',
    level: 'MUST',
    says: 'issuer, audience, expiry and type of a token are checked',
  },
  'RFC-7617-2-user-name': {
    section: 'RFC 7617 2',
    level: 'MUST',
    says: 'a user name has no colon, neither part a control character',
  },
  'RFC-8725-2.1-algorithms': {
    section: 'RFC 8725 2.1',
    level: 'MUST',
    says: 'no symmetric or absent algorithm is accepted',
  },
  'RFC-8725-3.11-typed': {
    section: 'RFC 8725 3.11',
    level: 'SHOULD',
    says: 'what the gateway signs for backends is typed, and is no access token',
  },
  'RFC-9110-13.1-if-match': {
    section: 'RFC 9110 13.1',
    level: 'MAY',
    says: 'writes are conditional on If-Match',
  },
  'RFC-9112-3.2-targets': {
    section: 'RFC 9112 3.2',
    level: 'MUST',
    says: 'other target forms and ambiguous framing are refused',
  },
  'RFC-9728-3-resource': {
    section: 'RFC 9728 3',
    level: 'MUST',
    says: 'the resource metadata names the resource that was asked for',
  },
} as const satisfies Clauses;
