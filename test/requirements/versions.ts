import { type Clauses, everywhereIn1, grpc, overHttp, overHttpIn1 } from './clause.ts';

/** Which version is spoken, and what the card declares: A2A §3.3.4, §3.6, §4.6. */
export const versionClauses = {
  'A2A-3.6-patch': {
    section: 'A2A 3.6',
    level: 'MUST',
    says: 'patch digits of a version are not considered',
  },
  'A2A-3.6.1-header': {
    ...overHttp,
    section: 'A2A 3.6.1',
    level: 'MUST',
    says: 'the version is read from the header A2A-Version',
  },
  'A2A-3.6.2-restricted': {
    ...overHttp,
    section: 'A2A 3.6.2',
    level: 'MAY',
    says: 'an agent is called in the versions its registration names, whatever it speaks',
  },
  'A2A-3.6.1-query': {
    section: 'A2A 3.6.1',
    level: 'MAY',
    says: 'the version is read from the query where no header has it, and goes on as a header',
    bindings: ['HTTP+JSON'],
    versions: ['1.0'],
  },
  'A2A-3.6.1-conflict': {
    section: 'A2A 3.6.1',
    level: 'MAY',
    says: 'a header and a query that name two versions are refused',
  },
  'A2A-3.6.1-metadata': {
    ...grpc,
    section: 'A2A 3.6.1',
    level: 'MUST',
    says: 'over gRPC the service says the version, and metadata that says another is refused',
  },
  'A2A-3.6.2-missing': {
    ...overHttp,
    section: 'A2A 3.6.2',
    level: 'MUST',
    says: 'a missing version means 0.3, and is refused where the agent may not be called in that',
  },
  'A2A-3.6.2-unsupported': {
    ...overHttp,
    section: 'A2A 3.6.2',
    level: 'MUST',
    says: 'a version that is not served is refused as VersionNotSupported, with those that are',
  },
  'A2A-3.6.2-semantics': {
    section: 'A2A 3.6.2',
    level: 'MUST',
    says: 'a call is read by the rules of the version it names: operations of the other are unknown',
    bindings: ['JSON-RPC'],
  },
  'A2A-3.6.2-several': {
    section: 'A2A 3.6.2',
    level: 'MAY',
    says: 'an agent of several versions is called at the interface of the version that was asked for',
    bindings: ['JSON-RPC'],
  },
  'A2A-3.6.2-leniency': {
    section: 'A2A 3.6.2',
    level: 'MAY',
    bindings: ['JSON-RPC', 'HTTP+JSON'],
    versions: ['1.0'],
    says: 'where an agent is registered so, a request without a version is of the one its method or path belongs to',
  },
  'A2A-3.3.4-streaming': {
    ...everywhereIn1,
    section: 'A2A 3.3.4',
    level: 'MUST',
    says: 'streaming that the card does not declare is refused as UnsupportedOperation',
  },
  'A2A-3.3.4-push': {
    ...everywhereIn1,
    section: 'A2A 3.3.4',
    level: 'MUST',
    says: 'push notifications that the card does not declare are refused as PushNotificationNotSupported, inline ones too',
  },
  'A2A-3.3.4-extended-card': {
    ...everywhereIn1,
    section: 'A2A 3.3.4',
    level: 'MUST',
    says: 'an extended card that the card does not declare is refused as UnsupportedOperation',
  },
  'A2A-3.3.4-legacy': {
    bindings,
    versions: ['0.3'],
    section: 'A2A 0.3 5.5.2',
    level: 'MUST',
    says: 'what a card of 0.3 does not declare is refused in the errors of 0.3',
  },
  'A2A-3.3.4-extension-required': {
    ...everywhereIn1,
    section: 'A2A 3.3.4',
    level: 'MUST',
    says: 'a caller who does not declare a required extension is refused as ExtensionSupportRequired',
    unclaimed: 'that is left to the agent, which sees what the caller declares',
  },
  'A2A-4.6.3-unknown-extension': {
    section: 'A2A 4.6.3',
    level: 'SHOULD',
    says: 'an extension nobody knows does no harm: it is handed on to the agent',
  },
} as const satisfies Clauses;
