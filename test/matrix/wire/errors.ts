import { bindingOf, type Protocol } from '../../../examples/conformance/protocols.ts';
import { callId } from './speech.ts';
import type { Json } from './spelling.ts';

/** Errors as each protocol spells them, by hand (A2A §5.4, §9.5, §11.6; 0.3 has codes, and no form in HTTP+JSON). */

export interface Answered {
  status: number;
  body: Json;
}

interface Known {
  reason: string;
  rpcCode: number;
  status: string;
  httpStatus: number;
  /** What agents of 1.0.0 answered in HTTP. */
  formerStatus?: number;
}

function known(
  reason: string,
  rpcCode: number,
  status: string,
  httpStatus: number,
  formerStatus?: number,
): Known {
  return { reason, rpcCode, status, httpStatus, ...(formerStatus !== undefined && { formerStatus }) };
}

const knownErrors: readonly Known[] = [
  known('TASK_NOT_FOUND', -32001, 'NOT_FOUND', 404),
  known('TASK_NOT_CANCELABLE', -32002, 'FAILED_PRECONDITION', 400, 409),
  known('PUSH_NOTIFICATION_NOT_SUPPORTED', -32003, 'FAILED_PRECONDITION', 400),
  known('UNSUPPORTED_OPERATION', -32004, 'FAILED_PRECONDITION', 400, 501),
  known('CONTENT_TYPE_NOT_SUPPORTED', -32005, 'INVALID_ARGUMENT', 400, 415),
  known('INVALID_AGENT_RESPONSE', -32006, 'INTERNAL', 500, 502),
  known('EXTENDED_AGENT_CARD_NOT_CONFIGURED', -32007, 'FAILED_PRECONDITION', 400),
  known('EXTENSION_SUPPORT_REQUIRED', -32008, 'FAILED_PRECONDITION', 400),
  known('VERSION_NOT_SUPPORTED', -32009, 'FAILED_PRECONDITION', 400),
];

const message = 'Said by the agent: „nein“.';
const infoType = 'type.googleapis.com/google.rpc.ErrorInfo';

function errorInfo(reason: string, domain: string, metadata: Readonly<Record<string, string>>): Json {
  return { '@type': infoType, reason, domain, metadata };
}

/** An agent's error and what its callers are to get, each by protocol. */
export interface ErrorCase {
  title: string;
  agents: readonly Protocol[];
  from(agent: Protocol): Answered;
  to(caller: Protocol, agent: Protocol): Answered;
}

const isRpc = (protocol: Protocol) => bindingOf(protocol) === 'JSONRPC';
const isLatestRest = (protocol: Protocol) => protocol === 'http-json-1.0';

export const jsonProtocols: readonly Protocol[] = [
  'jsonrpc-1.0',
  'http-json-1.0',
  'jsonrpc-0.3',
  'http-json-0.3',
];

function rpcError(code: number, data?: Json): Answered {
  const error = { code: `#${code}`, message, ...(data !== undefined && { data }) };
  return { status: 200, body: { jsonrpc: '2.0', id: callId, error } };
}

function restError(status: number, name: string, details: readonly Json[]): Answered {
  return { status, body: { error: { code: `#${status}`, status: name, message, details } } };
}

function legacyRestError(status: number, code: number, more: Readonly<Record<string, Json>> = {}): Answered {
  return { status, body: { code: `#${code}`, message, ...more } };
}

/** `TASK_NOT_FOUND` is `TaskNotFoundError`, by which the Python SDK of 0.3 knows it in HTTP+JSON. */
function typeOf(reason: string): string {
  const words = reason.toLowerCase().split('_');
  return `${words.map((word) => (word[0] ?? '').toUpperCase() + word.slice(1)).join('')}Error`;
}

/** With what it says beside its name. */
function detailed({ reason, rpcCode, status, httpStatus }: Known): ErrorCase {
  const details = [
    errorInfo(reason, 'a2a-protocol.org', { taskId: 't-1' }),
    { '@type': 'type.example/vendor.Detail', limit: '#1.0', big: '#9007199254740993' },
  ];
  const spelled = (protocol: Protocol, more = {}) => {
    if (isRpc(protocol)) return rpcError(rpcCode, details);
    if (isLatestRest(protocol)) return restError(httpStatus, status, details);
    return legacyRestError(httpStatus, rpcCode, { ...more, data: details });
  };
  return {
    title: `${reason} with details`,
    agents: jsonProtocols,
    from: spelled,
    to: (caller, agent) => spelled(caller, caller === agent ? {} : { type: typeOf(reason) }),
  };
}

/** By its code alone, as agents of 0.3 say it. */
function bare({ reason, rpcCode, status, httpStatus }: Known): ErrorCase {
  const info = [errorInfo(reason, 'a2a-protocol.org', {})];
  const asGiven = (protocol: Protocol) =>
    isRpc(protocol) ? rpcError(rpcCode) : legacyRestError(httpStatus, rpcCode);
  return {
    title: `${reason} by its code alone`,
    agents: jsonProtocols.filter((protocol) => !isLatestRest(protocol)),
    from: asGiven,
    to(caller, agent) {
      if (caller === agent) return asGiven(caller);
      if (isRpc(caller)) return rpcError(rpcCode, info);
      if (isLatestRest(caller)) return restError(httpStatus, status, info);
      return legacyRestError(httpStatus, rpcCode, { type: typeOf(reason) });
    },
  };
}

/** In the numbers of 1.0.0, from agents of HTTP+JSON. */
function former({ reason, rpcCode, status, httpStatus, formerStatus = httpStatus }: Known): ErrorCase {
  const info = [errorInfo(reason, 'a2a-protocol.org', { of: '1.0.0' })];
  const asGiven = restError(formerStatus, 'UNKNOWN', info);
  return {
    title: `${reason} in the numbers of 1.0.0`,
    agents: ['http-json-1.0'],
    from: () => asGiven,
    to(caller, agent) {
      if (caller === agent) return asGiven;
      if (isRpc(caller)) return rpcError(rpcCode, info);
      if (isLatestRest(caller)) return restError(httpStatus, status, info);
      return legacyRestError(httpStatus, rpcCode, { type: typeOf(reason), data: info });
    },
  };
}

const badRequest = {
  '@type': 'type.googleapis.com/google.rpc.BadRequest',
  fieldViolations: [{ field: 'message.parts', description: 'are none' }],
};

const invalidParams: ErrorCase = {
  title: 'invalid params with the fields at fault',
  agents: jsonProtocols,
  from: invalid,
  to: invalid,
};

function invalid(protocol: Protocol): Answered {
  if (isRpc(protocol)) return rpcError(-32602, [badRequest]);
  if (isLatestRest(protocol)) return restError(400, 'INVALID_ARGUMENT', [badRequest]);
  return legacyRestError(400, -32602, { data: [badRequest] });
}

const vendorCode = -32050;
const vendorData = { why: ['quota', null], limit: '#1.0', used: '#9007199254740993' };
/** How a code of JSON-RPC and its data travel where there is no place for them. */
const carried = [
  errorInfo('JSON_RPC_ERROR', 'a2a-gateway', { code: String(vendorCode) }),
  { '@type': 'type.googleapis.com/google.protobuf.Value', value: vendorData },
];

const vendorByCode: ErrorCase = {
  title: 'a code of a vendor with data of its own',
  agents: jsonProtocols.filter((protocol) => !isLatestRest(protocol)),
  from: (agent) => (isRpc(agent) ? rpcError(vendorCode, vendorData) : vendorOverRest(429)),
  to(caller, agent) {
    if (isRpc(caller)) return rpcError(vendorCode, vendorData);
    if (isLatestRest(caller)) return restError(statusFrom(agent), nameFrom(agent), carried);
    return vendorOverRest(statusFrom(agent));
  },
};

/** What JSON-RPC has no status for is internal elsewhere; a status that an agent gave stays. */
const statusFrom = (agent: Protocol) => (isRpc(agent) ? 500 : 429);
const nameFrom = (agent: Protocol) => (isRpc(agent) ? 'INTERNAL' : 'RESOURCE_EXHAUSTED');

function vendorOverRest(status: number): Answered {
  return legacyRestError(status, vendorCode, { data: vendorData });
}

const carriedBack: ErrorCase = {
  title: 'a code of a vendor that another gateway carried',
  agents: ['http-json-1.0'],
  from: () => restError(500, 'INTERNAL', carried),
  to(caller) {
    if (isRpc(caller)) return rpcError(vendorCode, vendorData);
    return isLatestRest(caller) ? restError(500, 'INTERNAL', carried) : vendorOverRest(500);
  },
};

const vendorDetails = [errorInfo('QUOTA_EXCEEDED', 'vendor.example', { limit: '3' })];

const vendorByReason: ErrorCase = {
  title: "a reason in a vendor's domain",
  agents: ['http-json-1.0'],
  from: () => restError(429, 'RESOURCE_EXHAUSTED', vendorDetails),
  to(caller) {
    if (isRpc(caller)) return rpcError(-32096, vendorDetails);
    if (isLatestRest(caller)) return restError(429, 'RESOURCE_EXHAUSTED', vendorDetails);
    return legacyRestError(429, -32096, { data: vendorDetails });
  },
};

const codeCarried = errorInfo('JSON_RPC_ERROR', 'a2a-gateway', { code: String(vendorCode) });

const vendorByBoth: ErrorCase = {
  title: "a code of a vendor and a reason in the vendor's domain",
  agents: ['jsonrpc-1.0', 'jsonrpc-0.3'],
  from: () => rpcError(vendorCode, vendorDetails),
  to(caller) {
    if (isRpc(caller)) return rpcError(vendorCode, vendorDetails);
    if (isLatestRest(caller)) return restError(500, 'INTERNAL', [...vendorDetails, codeCarried]);
    return legacyRestError(500, vendorCode, { data: vendorDetails });
  },
};

const bothCarriedBack: ErrorCase = {
  title: 'a code and a reason of a vendor that another gateway carried',
  agents: ['http-json-1.0'],
  from: () => restError(500, 'INTERNAL', [...vendorDetails, codeCarried]),
  to: (caller) =>
    isLatestRest(caller)
      ? restError(500, 'INTERNAL', [...vendorDetails, codeCarried])
      : vendorByBoth.to(caller, caller),
};

const namesakeDetails = [errorInfo('TASK_NOT_FOUND', 'vendor.example', {})];

/** A vendor's word for something else does not become the protocol's. */
const namesake: ErrorCase = {
  title: "a reason of the protocol's name in a vendor's domain",
  agents: ['http-json-1.0'],
  from: () => restError(403, 'PERMISSION_DENIED', namesakeDetails),
  to(caller) {
    if (isRpc(caller)) return rpcError(-32091, namesakeDetails);
    if (isLatestRest(caller)) return restError(403, 'PERMISSION_DENIED', namesakeDetails);
    return legacyRestError(403, -32091, { data: namesakeDetails });
  },
};

export const errorCases: readonly ErrorCase[] = [
  ...knownErrors.map(detailed),
  // 0.3 has no -32008 and -32009, and agents of 1.0 in JSON-RPC need not give details (A2A §9.5).
  ...knownErrors.map(bare),
  ...knownErrors.map(former),
  invalidParams,
  vendorByCode,
  carriedBack,
  vendorByReason,
  vendorByBoth,
  bothCarriedBack,
  namesake,
];
