import type { StatusName } from '../failure-facts.ts';

/** Google's statuses, their HTTP statuses and their numbers in gRPC (google/rpc/code.proto). */
export const rpcStatuses: Readonly<Record<StatusName, { httpStatus: number; grpcCode: number }>> = {
  CANCELLED: { httpStatus: 499, grpcCode: 1 },
  UNKNOWN: { httpStatus: 500, grpcCode: 2 },
  INVALID_ARGUMENT: { httpStatus: 400, grpcCode: 3 },
  DEADLINE_EXCEEDED: { httpStatus: 504, grpcCode: 4 },
  NOT_FOUND: { httpStatus: 404, grpcCode: 5 },
  ALREADY_EXISTS: { httpStatus: 409, grpcCode: 6 },
  PERMISSION_DENIED: { httpStatus: 403, grpcCode: 7 },
  RESOURCE_EXHAUSTED: { httpStatus: 429, grpcCode: 8 },
  FAILED_PRECONDITION: { httpStatus: 400, grpcCode: 9 },
  ABORTED: { httpStatus: 409, grpcCode: 10 },
  OUT_OF_RANGE: { httpStatus: 400, grpcCode: 11 },
  UNIMPLEMENTED: { httpStatus: 501, grpcCode: 12 },
  INTERNAL: { httpStatus: 500, grpcCode: 13 },
  UNAVAILABLE: { httpStatus: 503, grpcCode: 14 },
  DATA_LOSS: { httpStatus: 500, grpcCode: 15 },
  UNAUTHENTICATED: { httpStatus: 401, grpcCode: 16 },
};

export const statusOfGrpcCode: ReadonlyMap<number, StatusName> = new Map(
  Object.entries(rpcStatuses).map(([name, { grpcCode }]) => [grpcCode, name as StatusName]),
);

/** One error as each binding numbers it. */
export interface ErrorNumbers {
  rpcCode: number;
  status: StatusName;
  httpStatus: number;
}

function numbers(rpcCode: number, status: StatusName, httpStatus: number): ErrorNumbers {
  return { rpcCode, status, httpStatus };
}

/** The protocol's own errors by the `reason` of their ErrorInfo (A2A §5.4, as of 1.0.1). */
export const a2aErrors: Readonly<Record<string, ErrorNumbers>> = {
  TASK_NOT_FOUND: numbers(-32001, 'NOT_FOUND', 404),
  TASK_NOT_CANCELABLE: numbers(-32002, 'FAILED_PRECONDITION', 400),
  PUSH_NOTIFICATION_NOT_SUPPORTED: numbers(-32003, 'FAILED_PRECONDITION', 400),
  UNSUPPORTED_OPERATION: numbers(-32004, 'FAILED_PRECONDITION', 400),
  CONTENT_TYPE_NOT_SUPPORTED: numbers(-32005, 'INVALID_ARGUMENT', 400),
  INVALID_AGENT_RESPONSE: numbers(-32006, 'INTERNAL', 500),
  EXTENDED_AGENT_CARD_NOT_CONFIGURED: numbers(-32007, 'FAILED_PRECONDITION', 400),
  EXTENSION_SUPPORT_REQUIRED: numbers(-32008, 'FAILED_PRECONDITION', 400),
  VERSION_NOT_SUPPORTED: numbers(-32009, 'FAILED_PRECONDITION', 400),
};

/** JSON-RPC's own errors (JSON-RPC 2.0 §5.1), for which the protocol names no reason. */
export const jsonRpcErrors: readonly ErrorNumbers[] = [
  numbers(-32700, 'INVALID_ARGUMENT', 400),
  numbers(-32600, 'INVALID_ARGUMENT', 400),
  numbers(-32602, 'INVALID_ARGUMENT', 400),
  numbers(-32601, 'UNIMPLEMENTED', 404),
  numbers(-32603, 'INTERNAL', 500),
];

export const errorInfoType = 'type.googleapis.com/google.rpc.ErrorInfo';
export const badRequestType = 'type.googleapis.com/google.rpc.BadRequest';
export const protocolDomain = 'a2a-protocol.org';
export const gatewayDomain = 'a2a-gateway';
