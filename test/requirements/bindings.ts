import { type Clauses, grpc } from './clause.ts';

/** How the bindings are spelled: A2A §9 to §11. */
export const bindingClauses = {
  'A2A-9.1-id': {
    section: 'A2A 9.1',
    level: 'MUST',
    says: 'ids are echoed as they were spelled, in answers, errors and events',
    bindings: ['JSON-RPC'],
    versions: ['1.0'],
  },
  'A2A-9.1-media-type': {
    section: 'A2A 9.1',
    level: 'MUST',
    says: 'JSON-RPC is application/json both ways',
    bindings: ['JSON-RPC'],
  },
  'A2A-9.1-endpoint': {
    section: 'A2A 9.1',
    level: 'MAY',
    says: 'the endpoint is the same with a trailing slash, and takes POST only',
    bindings: ['JSON-RPC'],
    versions: ['1.0'],
  },
  'A2A-10.1-services': {
    ...grpc,
    section: 'A2A 10.1',
    level: 'MUST',
    says: 'the services of both versions are served, each method of them',
  },
  'A2A-10.2-metadata': {
    ...grpc,
    section: 'A2A 10.2',
    level: 'MUST',
    says: 'version, extensions and credentials travel as metadata',
  },
  'A2A-10.3-routing': {
    ...grpc,
    section: 'A2A 10.3',
    level: 'MAY',
    says: 'the agent of a gRPC call is named by its authority or, in 1.0, by the tenant',
  },
  'A2A-10.4-deadline': {
    ...grpc,
    section: 'A2A 10.4',
    level: 'SHOULD',
    says: 'the deadline of a gRPC caller and its cancelling reach the agent',
  },
  'A2A-11.1-media-type': {
    section: 'A2A 11.1',
    level: 'SHOULD',
    says: 'application/a2a+json and application/json are taken, answers are of the type the agent gave, and no other type is read',
    bindings: ['HTTP+JSON'],
    versions: ['1.0'],
  },
  'A2A-11.3-routes': {
    section: 'A2A 11.3',
    level: 'MUST',
    says: 'an operation is method, path and verb after the last colon, and nothing like them',
    bindings: ['HTTP+JSON'],
    versions: ['1.0'],
  },
  'A2A-11.3.2-ids-in-path': {
    section: 'A2A 11.3.2',
    level: 'MUST',
    says: 'an id is one segment, decoded once, and the path alone says it: another in query or body is refused',
    bindings: ['HTTP+JSON'],
    versions: ['1.0'],
  },
  'A2A-11.5-query': {
    section: 'A2A 11.5',
    level: 'MUST',
    says: 'parameters of GET and DELETE stand in path and query, and reach the agent as they were given',
    bindings: ['HTTP+JSON'],
    versions: ['1.0'],
  },
  'A2A-0.3-3.2.3-http-json': {
    section: 'A2A 0.3 3.2.3',
    level: 'MAY',
    says: 'the HTTP+JSON of 0.3 is served below /v1, in its ProtoJSON',
    bindings: ['HTTP+JSON'],
    versions: ['0.3'],
  },
} as const satisfies Clauses;
