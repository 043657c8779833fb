/** A clause the gateway claims to keep, and the test that shows it. */
export interface Requirement {
  /** Section of A2A, of 1.0 where none is named, or of an RFC. */
  clause: string;
  says: string;
  /** A test file or golden exchange, and the title of a test in it, or its unmistakable part. */
  shownBy: readonly [file: string, title: string];
}

export const requirements: readonly Requirement[] = [
  {
    clause: 'A2A 3.1.6',
    says: 'subscribing works by POST and by GET',
    shownBy: ['test/relay-subscribe.test.ts', 'asked for by %s goes on by POST'],
  },
  {
    clause: 'A2A 3.3.2',
    says: 'an inaccessible resource looks like one that does not exist',
    shownBy: [
      'test/attacks/isolation.test.ts',
      'an agent one may not call looks like one that does not exist',
    ],
  },
  {
    clause: 'A2A 3.3.4',
    says: 'what the card does not declare is refused with the error named for it',
    shownBy: ['test/refused-operations.test.ts', 'does not declare'],
  },
  {
    clause: 'A2A 3.5.2',
    says: 'events keep their order; closing one stream leaves the task alone',
    shownBy: ['test/relay-leaving.test.ts', 'between two events'],
  },
  {
    clause: 'A2A 3.6.1',
    says: 'the version is read from the header or the query',
    shownBy: ['src/protocol/version.test.ts', 'negotiateVersion'],
  },
  {
    clause: 'A2A 3.6.2',
    says: 'a missing version means 0.3, which is served where the agent speaks it',
    shownBy: [
      'test/attacks/legacy-ids.test.ts',
      'is not made one of the other by a version the agent may not be called in',
    ],
  },
  {
    clause: 'A2A 0.3 5.5',
    says: 'the card of an agent of 0.3 can be read by clients of 0.3',
    shownBy: ['src/protocol/v0_3/card-publish.test.ts', 'is read by the official SDK'],
  },
  {
    clause: 'A2A 0.3 7',
    says: 'every operation of 0.3 is served in its JSON-RPC',
    shownBy: ['test/golden.test.ts', 'show every operation 0.3 has in its JSON-RPC'],
  },
  {
    clause: 'A2A 4.4',
    says: 'a published card names only interfaces that are served, and validates',
    shownBy: ['test/management-cards.test.ts', 'is taken by the official SDK as it comes'],
  },
  {
    clause: 'A2A 5.1',
    says: 'every declared binding offers every operation',
    shownBy: ['test/golden.test.ts', 'show every operation in both bindings'],
  },
  {
    clause: 'A2A 5.7',
    says: 'readers ignore unknown members of a card',
    shownBy: ['src/protocol/card-tolerated.test.ts', 'an unknown member'],
  },
  {
    clause: 'A2A 7.4',
    says: 'every request is authenticated, and a refusal says how',
    shownBy: [
      'test/fixtures/golden/1.0/refused/http-json-without-token.json',
      'a call without token is challenged',
    ],
  },
  {
    clause: 'A2A 8.3.2',
    says: 'a tenant is echoed to the agent and never taken from a caller',
    shownBy: ['test/tenant.test.ts', 'a tenant the caller names'],
  },
  {
    clause: 'A2A 8.6',
    says: 'cards have an entity tag and are revalidated',
    shownBy: ['test/management-cards.test.ts', 'the entity tag of a card'],
  },
  {
    clause: 'A2A 9.1',
    says: 'JSON-RPC ids are echoed as they were',
    shownBy: ['test/relay-breaks.test.ts', 'has the id as the caller spelled it'],
  },
  {
    clause: 'A2A 9.4.2',
    says: 'events are relayed as they come',
    shownBy: ['test/relay-streams.test.ts', 'gives each event before the agent has sent the next'],
  },
  {
    clause: 'A2A 9.5',
    says: 'JSON-RPC errors carry ErrorInfo',
    shownBy: [
      'src/protocol/errors.test.ts',
      'in JSON-RPC has the code, the id as spelled, and ErrorInfo in data',
    ],
  },
  {
    clause: 'A2A 11.6',
    says: 'HTTP+JSON errors are google.rpc.Status',
    shownBy: ['src/protocol/errors.test.ts', 'in HTTP+JSON is a google.rpc.Status'],
  },
  {
    clause: 'A2A 13.3',
    says: 'the extended card is free of internal addresses',
    shownBy: ['test/tenant.test.ts', 'is in no extended card, and neither is the backend'],
  },
  {
    clause: 'A2A 13.4',
    says: 'credentials are in no log and no answer',
    shownBy: [
      'test/attacks/backends.test.ts',
      'is in no answer, no log line and no file, from registration to deletion',
    ],
  },
  {
    clause: 'RFC 6750 3',
    says: 'a refusal names its error, a missing token none',
    shownBy: [
      'src/access/challenge.test.ts',
      'is given with every 401 and with a missing scope, and with nothing else',
    ],
  },
  {
    clause: 'RFC 7517 5',
    says: 'the published key set has public members only',
    shownBy: ['test/backend-identity-keys.test.ts', 'has public members only'],
  },
  {
    clause: 'RFC 7519 4',
    says: 'issuer, audience, expiry and type of a token are checked',
    shownBy: ['test/attacks/token-claims.test.ts', 'for an audience that begins like ours'],
  },
  {
    clause: 'RFC 7617 2',
    says: 'a user name has no colon, neither part a control character',
    shownBy: ['test/backend-static-credentials.test.ts', 'with %s is refused, and not repeated'],
  },
  {
    clause: 'RFC 8725 2.1',
    says: 'no symmetric or absent algorithm is accepted',
    shownBy: ['test/attacks/tokens.test.ts', "signed with the public key's PEM as a shared secret"],
  },
  {
    clause: 'RFC 8725 3.11',
    says: 'what the gateway signs for backends is typed, and is no access token',
    shownBy: ['test/backend-identity.test.ts', 'by a gateway that trusts this one as an issuer'],
  },
  {
    clause: 'RFC 9110 13.1',
    says: 'writes are conditional on If-Match',
    shownBy: ['test/management-agents.test.ts', 'needs If-Match, and the current revision in it'],
  },
  {
    clause: 'RFC 9112 3.2',
    says: 'other target forms and ambiguous framing are refused',
    shownBy: ['test/attacks/paths.test.ts', 'is refused by the rule'],
  },
  {
    clause: 'RFC 9728 3',
    says: 'the resource metadata names the resource that was asked for',
    shownBy: [
      'test/management-discovery.test.ts',
      'is the protected resource metadata, the same for an agent that is not there',
    ],
  },
];
