import { type Clauses, everywhere, grpc, overHttp } from './clause.ts';

/** How a call fails: A2A §3.3.2, §5.4, §9.5, §10.6, §11.6 and JSON-RPC 2.0. */
export const errorClauses = {
  'A2A-3.3.2-not-found': {
    ...everywhere,
    section: 'A2A 3.3.2',
    level: 'MUST',
    says: "an agent one may not call, and a task that is another's, look like ones that do not exist, in every byte",
  },
  'A2A-3.3.2-own-domain': {
    section: 'A2A 3.3.2',
    level: 'MAY',
    says: 'errors of the gateway have a domain and codes of its own, beside those the protocol names',
  },
  'A2A-3.3.2-terse': {
    section: 'A2A 3.3.2',
    level: 'SHOULD',
    says: 'an error has a stable reason and a fixed text, which name no backend',
  },
  'A2A-5.4-agent-errors': {
    ...overHttp,
    section: 'A2A 5.4',
    level: 'MUST',
    says: 'an error of the agent reaches the caller letter for letter where both speak the same',
  },
  'A2A-5.4-reason-first': {
    ...everywhere,
    section: 'A2A 5.4',
    level: 'MUST',
    says: 'between bindings and versions an error is translated by its reason, then its code, then its status',
  },
  'A2A-5.4-vendor-errors': {
    ...everywhere,
    section: 'A2A 5.4',
    level: 'SHOULD',
    says: 'codes of vendors keep code, message and data when bridged',
  },
  'A2A-5.4-invalid-agent-response': {
    ...everywhere,
    section: 'A2A 5.4',
    level: 'MUST',
    says: 'an agent whose answer is none of the protocol is reported as InvalidAgentResponse',
  },
  'A2A-5.4-unavailable': {
    ...everywhere,
    section: 'A2A 5.4',
    level: 'SHOULD',
    says: 'an agent that cannot be reached, breaks off or takes too long is told apart, each with a code of its own',
  },
  'A2A-9.5-error-info': {
    section: 'A2A 9.5',
    level: 'SHOULD',
    says: 'JSON-RPC errors carry ErrorInfo in data',
  },
  'A2A-9.5-http-status': {
    section: 'A2A 9.5',
    level: 'MAY',
    says: 'a JSON-RPC error has status 200, but where retrying hooks must see it: 401, 403, 429, 503',
  },
  'A2A-10.6-status-details': {
    ...grpc,
    section: 'A2A 10.6',
    level: 'MUST',
    says: 'gRPC errors carry google.rpc.Status with ErrorInfo in grpc-status-details-bin',
  },
  'A2A-11.6-status': {
    section: 'A2A 11.6',
    level: 'MUST',
    says: 'HTTP+JSON errors are google.rpc.Status under `error`, with ErrorInfo',
  },
  'JSONRPC-5.1-parse-error': {
    section: 'JSON-RPC 2.0 5.1',
    level: 'MUST',
    says: 'what is no JSON is a parse error, under id null',
    bindings: ['JSON-RPC'],
  },
  'JSONRPC-5.1-method-not-found': {
    section: 'JSON-RPC 2.0 5.1',
    level: 'MUST',
    says: 'a method that is none is not found, under the id of the call',
    bindings: ['JSON-RPC'],
  },
  'JSONRPC-4-request': {
    section: 'JSON-RPC 2.0 4',
    level: 'MUST',
    says: 'what is no request of JSON-RPC 2.0, a notification and a batch among it, is an invalid request',
    bindings: ['JSON-RPC'],
  },
  'JSONRPC-4.2-params': {
    section: 'JSON-RPC 2.0 4.2',
    level: 'MAY',
    says: 'parameters by position are refused: A2A has names for all',
    bindings: ['JSON-RPC'],
  },
} as const satisfies Clauses;
