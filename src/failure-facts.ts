import type { FailureCode } from './failure.ts';

/** google.rpc.Code names, as HTTP+JSON errors spell them (A2A §11.6). */
export type StatusName =
  | 'CANCELLED'
  | 'UNKNOWN'
  | 'INVALID_ARGUMENT'
  | 'DEADLINE_EXCEEDED'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'PERMISSION_DENIED'
  | 'RESOURCE_EXHAUSTED'
  | 'FAILED_PRECONDITION'
  | 'ABORTED'
  | 'OUT_OF_RANGE'
  | 'UNIMPLEMENTED'
  | 'INTERNAL'
  | 'UNAVAILABLE'
  | 'DATA_LOSS'
  | 'UNAUTHENTICATED';

export interface FailureFacts {
  /** HTTP status on our own routes and in the HTTP+JSON binding. */
  httpStatus: number;
  status: StatusName;
  /** JSON-RPC error code. The A2A range's -3209x are this gateway's own. */
  rpcCode: number;
  /** Fixed public text. */
  message: string;
  logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** Whether the same call may succeed later with nothing changed by the caller. */
  retryable: boolean;
  /** Set where the protocol itself names this error (A2A §5.4); absent means the reason is ours. */
  protocolReason?: string;
}

function facts(
  httpStatus: number,
  status: StatusName,
  rpcCode: number,
  message: string,
  more: Partial<Pick<FailureFacts, 'logLevel' | 'retryable' | 'protocolReason'>> = {},
): FailureFacts {
  return { httpStatus, status, rpcCode, message, logLevel: 'info', retryable: false, ...more };
}

const UNAUTHENTICATED = -32090;
const FORBIDDEN = -32091;
const CONFLICT = -32092;
const UPSTREAM = -32093;
const UPSTREAM_DEADLINE = -32094;
const UNAVAILABLE = -32095;
const LIMIT = -32096;

/** The code that says in JSON-RPC what neither A2A nor JSON-RPC has one for, of an agent as of the gateway itself. */
export const codesOfStatuses: Readonly<Partial<Record<StatusName, number>>> = {
  PERMISSION_DENIED: FORBIDDEN,
  ABORTED: CONFLICT,
  DEADLINE_EXCEEDED: UPSTREAM_DEADLINE,
  UNAVAILABLE,
  RESOURCE_EXHAUSTED: LIMIT,
};

const upstream = { logLevel: 'warn', retryable: true } as const;
const answered = { logLevel: 'warn', retryable: false, protocolReason: 'INVALID_AGENT_RESPONSE' } as const;

/** One row a code; `failure.ts` answers from it. */
export const failureTable: Readonly<Record<FailureCode, FailureFacts>> = {
  path_refused: facts(400, 'INVALID_ARGUMENT', -32600, 'The request path is not in canonical form.'),
  route_not_found: facts(404, 'NOT_FOUND', -32601, 'No such route.'),
  method_not_allowed: facts(405, 'UNIMPLEMENTED', -32601, 'This route does not take that method.'),
  media_type_unsupported: facts(415, 'INVALID_ARGUMENT', -32600, 'The body has an unsupported media type.'),
  body_too_large: facts(413, 'INVALID_ARGUMENT', -32600, 'The request body is larger than allowed.'),
  body_malformed: facts(400, 'INVALID_ARGUMENT', -32700, 'The request body is not valid JSON.'),
  envelope_invalid: facts(400, 'INVALID_ARGUMENT', -32600, 'The body is not a JSON-RPC 2.0 request.'),
  operation_unknown: facts(
    404,
    'UNIMPLEMENTED',
    -32601,
    'No such operation in this version. A request without an A2A-Version header is one of 0.3.',
  ),
  member_refused: facts(400, 'INVALID_ARGUMENT', -32602, 'The request has a member the gateway refuses.'),
  parameter_invalid: facts(400, 'INVALID_ARGUMENT', -32602, 'A parameter is missing or not valid.'),
  version_unsupported: facts(
    400,
    'FAILED_PRECONDITION',
    -32009,
    'The requested A2A version is not served here. Send the A2A-Version header.',
    { protocolReason: 'VERSION_NOT_SUPPORTED' },
  ),
  operation_unsupported: facts(
    400,
    'FAILED_PRECONDITION',
    -32004,
    'The agent does not support this operation.',
    {
      protocolReason: 'UNSUPPORTED_OPERATION',
    },
  ),
  push_unsupported: facts(
    400,
    'FAILED_PRECONDITION',
    -32003,
    'The agent does not support push notifications.',
    {
      protocolReason: 'PUSH_NOTIFICATION_NOT_SUPPORTED',
    },
  ),
  webhook_refused: facts(400, 'INVALID_ARGUMENT', -32602, 'The gateway does not call this webhook.'),

  task_not_found: facts(404, 'NOT_FOUND', -32001, 'Task not found.', { protocolReason: 'TASK_NOT_FOUND' }),
  context_refused: facts(400, 'INVALID_ARGUMENT', -32602, 'The context is not one of the caller.'),

  webhook_unknown: facts(404, 'NOT_FOUND', FORBIDDEN, 'No such webhook, or not with this proof.'),
  webhook_busy: facts(429, 'RESOURCE_EXHAUSTED', LIMIT, 'As much waits for this webhook as may.', {
    retryable: true,
  }),
  notification_refused: facts(400, 'INVALID_ARGUMENT', -32602, 'The notification is not taken here.'),

  token_missing: facts(401, 'UNAUTHENTICATED', UNAUTHENTICATED, 'A bearer token is required.'),
  token_invalid: facts(401, 'UNAUTHENTICATED', UNAUTHENTICATED, 'The bearer token is not valid here.'),
  issuer_unavailable: facts(503, 'UNAVAILABLE', UNAVAILABLE, 'The token issuer cannot be reached.', {
    logLevel: 'error',
    retryable: true,
  }),
  agent_forbidden: facts(403, 'PERMISSION_DENIED', FORBIDDEN, 'No such agent, or no permission to call it.'),
  operation_forbidden: facts(403, 'PERMISSION_DENIED', FORBIDDEN, 'No permission for this operation.'),
  skill_forbidden: facts(403, 'PERMISSION_DENIED', FORBIDDEN, 'No permission for a message of this skill.'),
  scope_missing: facts(403, 'PERMISSION_DENIED', FORBIDDEN, 'The token lacks a required scope.'),
  limit_exceeded: facts(429, 'RESOURCE_EXHAUSTED', LIMIT, 'The caller has had as much as it may have now.', {
    retryable: true,
  }),

  agent_inactive: facts(503, 'UNAVAILABLE', UNAVAILABLE, 'The agent is not active.'),
  agent_not_found: facts(404, 'NOT_FOUND', FORBIDDEN, 'No such agent.'),
  agent_exists: facts(409, 'ALREADY_EXISTS', CONFLICT, 'An agent with this id is registered.'),
  agent_not_servable: facts(
    409,
    'FAILED_PRECONDITION',
    CONFLICT,
    'The agent cannot be served as registered.',
  ),
  permission_not_found: facts(404, 'NOT_FOUND', FORBIDDEN, 'No permission is set for this scope.'),
  dead_letter_not_found: facts(404, 'NOT_FOUND', FORBIDDEN, 'No such dead letter.'),
  revocation_not_found: facts(404, 'NOT_FOUND', FORBIDDEN, 'No such revocation.'),
  revocations_full: facts(409, 'FAILED_PRECONDITION', CONFLICT, 'There are as many revocations as may be.'),
  precondition_required: facts(428, 'FAILED_PRECONDITION', CONFLICT, 'This write needs an If-Match header.'),
  precondition_failed: facts(412, 'ABORTED', CONFLICT, 'The resource has changed; read it again.'),
  card_unavailable: facts(502, 'UNAVAILABLE', UPSTREAM, 'The agent card could not be fetched.', upstream),
  card_invalid: facts(422, 'FAILED_PRECONDITION', -32602, 'The agent card is not valid.'),
  card_not_found: facts(404, 'NOT_FOUND', FORBIDDEN, 'No such card of this agent.'),
  card_untrusted: facts(
    422,
    'FAILED_PRECONDITION',
    -32602,
    'The agent card is not signed as its registration asks.',
  ),

  search_disabled: facts(404, 'UNIMPLEMENTED', -32601, 'This gateway has no search.'),
  search_unavailable: facts(503, 'UNAVAILABLE', UNAVAILABLE, 'The search is not available now.', {
    logLevel: 'warn',
    retryable: true,
  }),
  call_loop: facts(
    400,
    'FAILED_PRECONDITION',
    CONFLICT,
    'Agents call each other in a loop: this call has passed too many of them, or one too often.',
  ),
  upstream_address_refused: facts(
    502,
    'UNAVAILABLE',
    UPSTREAM,
    'The agent has an address the gateway refuses.',
    {
      logLevel: 'warn',
    },
  ),
  upstream_unreachable: facts(502, 'UNAVAILABLE', UPSTREAM, 'The agent cannot be reached.', upstream),
  upstream_tls_failed: facts(502, 'UNAVAILABLE', UPSTREAM, 'The agent failed the TLS check.', {
    logLevel: 'warn',
  }),
  upstream_timeout: facts(504, 'DEADLINE_EXCEEDED', UPSTREAM_DEADLINE, 'The agent took too long.', upstream),
  upstream_reset: facts(502, 'UNAVAILABLE', UPSTREAM, 'The agent closed the connection early.', upstream),
  upstream_stalled: facts(504, 'DEADLINE_EXCEEDED', UPSTREAM_DEADLINE, 'The agent fell silent.', upstream),
  upstream_redirected: facts(502, 'UNAVAILABLE', UPSTREAM, 'The agent answered with a redirect.', {
    logLevel: 'warn',
  }),
  upstream_unauthorized: facts(502, 'UNAVAILABLE', UPSTREAM, "The agent refused the gateway's credential.", {
    logLevel: 'error',
  }),
  upstream_unavailable: facts(503, 'UNAVAILABLE', UPSTREAM, 'The agent is not available now.', upstream),
  upstream_response_invalid: facts(
    500,
    'INTERNAL',
    -32006,
    'The agent answered with something invalid.',
    answered,
  ),
  upstream_response_too_large: facts(500, 'INTERNAL', -32006, "The agent's answer is too large.", answered),
  upstream_event_too_large: facts(500, 'INTERNAL', -32006, 'The agent sent too large an event.', answered),
  credential_unavailable: facts(
    502,
    'UNAVAILABLE',
    UPSTREAM,
    'No credential for the agent could be obtained.',
    {
      logLevel: 'error',
      retryable: true,
    },
  ),

  agent_overloaded: facts(
    503,
    'UNAVAILABLE',
    UNAVAILABLE,
    'The agent has as many calls as it may have now.',
    {
      logLevel: 'warn',
      retryable: true,
    },
  ),
  agent_circuit_open: facts(
    503,
    'UNAVAILABLE',
    UNAVAILABLE,
    'The agent has failed too often and is left alone for a while.',
    upstream,
  ),
  gateway_overloaded: facts(
    503,
    'UNAVAILABLE',
    UNAVAILABLE,
    'The gateway has as many calls as it may have now.',
    {
      logLevel: 'warn',
      retryable: true,
    },
  ),

  request_throttled: facts(429, 'RESOURCE_EXHAUSTED', LIMIT, 'Too many requests; try again later.', {
    retryable: true,
  }),
  request_filtered: facts(403, 'PERMISSION_DENIED', FORBIDDEN, 'The request was refused at the edge.'),
  request_refused: facts(400, 'INVALID_ARGUMENT', -32600, 'The request was refused at the edge.'),
  gateway_unavailable: facts(503, 'UNAVAILABLE', UNAVAILABLE, 'The gateway is not available now.', {
    logLevel: 'error',
    retryable: true,
  }),

  caller_left: facts(499, 'CANCELLED', UNAVAILABLE, 'The caller closed the connection.', {
    logLevel: 'debug',
  }),
  store_unavailable: facts(503, 'UNAVAILABLE', UNAVAILABLE, 'The store does not answer.', {
    logLevel: 'error',
    retryable: true,
  }),
  signing_unavailable: facts(503, 'UNAVAILABLE', UNAVAILABLE, 'The gateway cannot sign now.', {
    logLevel: 'error',
    retryable: true,
  }),
  shutting_down: facts(503, 'UNAVAILABLE', UNAVAILABLE, 'The gateway is shutting down.', { retryable: true }),
  internal: facts(500, 'INTERNAL', -32603, 'Internal error.', { logLevel: 'error' }),
};
