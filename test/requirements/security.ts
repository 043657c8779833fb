import { type Clauses, everywhere, overHttp } from './clause.ts';

/** Who may do what, and what nobody learns: A2A §7, §13. */
export const securityClauses = {
  'A2A-7.1-tls': {
    section: 'A2A 7.1',
    level: 'MUST',
    says: 'an agent whose certificate nobody vouches for is not spoken to',
  },
  'A2A-7.3-identity-in-headers': {
    ...everywhere,
    section: 'A2A 7.3',
    level: 'MUST',
    says: "the caller's token stays at the gateway; the backend is shown the gateway's own credential, in headers",
  },
  'A2A-7.4-authenticate': {
    ...everywhere,
    section: 'A2A 7.4',
    level: 'MUST',
    says: 'every request is authenticated',
  },
  'A2A-7.4-challenge': {
    ...everywhere,
    section: 'A2A 7.4',
    level: 'SHOULD',
    says: 'a refusal says how to authenticate',
  },
  'A2A-7.4-no-foreign-challenge': {
    ...everywhere,
    section: 'A2A 7.4',
    level: 'MUST',
    says: 'the challenge of a backend does not reach the caller, who could not answer it',
  },
  'A2A-13.1-authorize': {
    ...everywhere,
    section: 'A2A 13.1',
    level: 'MUST',
    says: 'every operation is authorized by what the permissions of the caller grant, and absence refuses',
  },
  'A2A-13.1-before-lookup': {
    section: 'A2A 13.1',
    level: 'MUST',
    says: 'nothing is read, looked up or sent for who may not call',
  },
  'A2A-13.1-own-tasks': {
    ...everywhere,
    section: 'A2A 13.1',
    level: 'MUST',
    says: "a task of another caller, and all that belongs to it, looks like one that never was: it is looked for under its caller's name, and the agent is not asked",
  },
  'A2A-13.1-inspected-is-forwarded': {
    section: 'A2A 13.1',
    level: 'MUST',
    says: 'what was inspected is what is forwarded: members given twice or under another spelling are refused',
    bindings: ['JSON-RPC', 'HTTP+JSON'],
    versions: ['1.0', '0.3'],
  },
  'A2A-13.2-addresses': {
    section: 'A2A 13.2',
    level: 'SHOULD',
    says: 'URLs that lead to private, link-local or metadata addresses are not called, however they are written or resolved',
  },
  'A2A-13.4-input': {
    ...overHttp,
    section: 'A2A 13.4',
    level: 'MUST',
    says: 'whatever a caller sends is answered in the words of the binding, and is no fault of the gateway',
  },
  'A2A-13.4-agent-input': {
    ...overHttp,
    section: 'A2A 13.4',
    level: 'MUST',
    says: 'whatever an agent answers, the caller is answered in the words of the binding',
  },
  'A2A-13.2-webhooks': {
    section: 'A2A 13.2',
    level: 'SHOULD',
    says: 'the address of a webhook is checked before anybody posts to it',
  },
  'A2A-4.3.3-authorization': {
    section: 'A2A 4.3.3',
    level: 'MUST',
    says: 'a webhook is called with the credentials that were configured for it',
  },
  'A2A-4.3.3-attempts': {
    section: 'A2A 4.3.3',
    level: 'MUST',
    says: 'each notification is tried at least once, and again after a failure, later each time',
  },
  'A2A-14.1-file-references': {
    section: 'A2A 14.1',
    level: 'MUST',
    says: 'URLs of files in messages are checked before anybody fetches them',
    unclaimed: 'the gateway fetches none: messages go to the agent as they are',
  },
  'A2A-13.4-overload': {
    ...everywhere,
    section: 'A2A 13.4',
    level: 'SHOULD',
    says: 'calls beyond what an agent or the gateway can bear are turned away, and told when to come again',
  },
  'A2A-13.4-limits': {
    section: 'A2A 13.4',
    level: 'SHOULD',
    says: 'bodies, answers, events and depths have limits',
  },
  'A2A-13.4-secrets': {
    section: 'A2A 13.4',
    level: 'MUST',
    says: 'credentials are in no log and no answer',
  },
} as const satisfies Clauses;
