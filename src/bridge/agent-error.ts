import { codesOfStatuses, type FailureFacts, failureTable, type StatusName } from '../failure-facts.ts';
import {
  a2aErrors,
  type ErrorNumbers,
  errorInfoType,
  gatewayDomain,
  jsonRpcErrors,
  protocolDomain,
  rpcStatuses,
} from '../protocol/a2a-errors.ts';
import { isRecord } from '../protocol/json.ts';

/** An error an agent answered with, in the words of no binding. */
export interface AgentError extends ErrorNumbers {
  /** Of the protocol's errors, by its ErrorInfo or known by its code (A2A §5.4); absent where neither says. */
  reason?: string;
  message: string;
  /** google.rpc details in ProtoJSON, each with its `@type`; ErrorInfo among them where the agent gave one. */
  details: readonly unknown[];
  /** `error.data` of JSON-RPC where it is no list of details. */
  data?: unknown;
  /** The agent has said nothing but a status. */
  isGuess?: true;
}

/** What an agent says of an error, as far as its binding has words for it. */
export interface SaidError {
  rpcCode?: number | undefined;
  status?: StatusName | undefined;
  httpStatus?: number | undefined;
  message?: unknown;
  details?: readonly unknown[];
  data?: unknown;
}

/**
 * The error said: what it is decides its `reason` first, then its code, then its status (A2A §5.4). So the agents of
 * 1.0.0, whose HTTP and gRPC statuses were others, are understood, and answered for in the numbers of today.
 */
export function toAgentError(said: SaidError): AgentError {
  const { details: given = [] } = said;
  const carried = carriedCode(given);
  const details = carried === undefined ? given : given.filter((detail) => !isCarrier(detail));
  const rpcCode = carried ?? said.rpcCode;
  const info = errorInfoOf(details);
  const known = reasonIn(info) ?? reasonOfCode(rpcCode) ?? reasonOfStatus(said, info);
  const data = carried === undefined ? said.data : carriedData(given);
  return {
    ...(known !== undefined && { reason: known }),
    ...numbersOf(known, rpcCode, info, said),
    message: typeof said.message === 'string' ? said.message : '',
    details,
    ...(data !== undefined && { data }),
    ...(rpcCode === undefined && details.length === 0 && { isGuess: true }),
  };
}

/** What an agent's `data` is: details, which say each of what type they are (A2A §9.5), or the agent's own. */
export function saidData(data: unknown): Pick<SaidError, 'details' | 'data'> {
  if (data === undefined) return {};
  return isDetails(data) ? { details: data } : { data };
}

function isDetails(data: unknown): data is unknown[] {
  return (
    Array.isArray(data) &&
    data.length > 0 &&
    data.every((detail) => isRecord(detail) && typeof detail['@type'] === 'string')
  );
}

interface ErrorInfo {
  reason: string;
  domain: string;
  metadata: Readonly<Record<string, unknown>>;
}

function errorInfoOf(details: readonly unknown[]): ErrorInfo | undefined {
  const info = details.find((detail) => isRecord(detail) && detail['@type'] === errorInfoType);
  if (!isRecord(info) || typeof info.reason !== 'string') return undefined;
  const { reason, domain, metadata } = info;
  return {
    reason,
    domain: typeof domain === 'string' ? domain : '',
    metadata: isRecord(metadata) ? metadata : {},
  };
}

/** A name of the protocol's counts in its domain alone: elsewhere the same word may mean another thing. */
function reasonIn(info: ErrorInfo | undefined): string | undefined {
  return info?.domain === protocolDomain && Object.hasOwn(a2aErrors, info.reason) ? info.reason : undefined;
}

const reasonsByCode: ReadonlyMap<number, string> = new Map(
  Object.entries(a2aErrors).map(([reason, { rpcCode }]) => [rpcCode, reason]),
);

function reasonOfCode(rpcCode: number | undefined): string | undefined {
  return rpcCode === undefined ? undefined : reasonsByCode.get(rpcCode);
}

/** What statuses alone can only mean in A2A: those of 1.0.1, and of 1.0.0 where it had others. */
const reasonsByHttpStatus: ReadonlyMap<number, string> = new Map([
  [404, 'TASK_NOT_FOUND'],
  [409, 'TASK_NOT_CANCELABLE'],
  [415, 'CONTENT_TYPE_NOT_SUPPORTED'],
  [501, 'UNSUPPORTED_OPERATION'],
]);

function reasonOfStatus(
  { rpcCode, status, httpStatus }: SaidError,
  info: ErrorInfo | undefined,
): string | undefined {
  if (rpcCode !== undefined || info !== undefined) return undefined;
  if (status === 'NOT_FOUND') return 'TASK_NOT_FOUND';
  if (status === 'UNIMPLEMENTED' || status === 'FAILED_PRECONDITION') return 'UNSUPPORTED_OPERATION';
  return status === undefined && httpStatus !== undefined ? reasonsByHttpStatus.get(httpStatus) : undefined;
}

function numbersOf(
  reason: string | undefined,
  rpcCode: number | undefined,
  info: ErrorInfo | undefined,
  { status, httpStatus }: SaidError,
): ErrorNumbers {
  const known = reason === undefined ? undefined : a2aErrors[reason];
  if (known !== undefined) return pickNumbers(known);
  const standard = jsonRpcErrors.find((error) => error.rpcCode === rpcCode);
  if (standard !== undefined) return standard;
  const ofGateway = gatewayFacts(info);
  if (ofGateway !== undefined) return pickNumbers(ofGateway);
  const name = status ?? statusOfHttp(httpStatus);
  return { rpcCode: rpcCode ?? codeOfStatus(name), status: name, httpStatus: rpcStatuses[name].httpStatus };
}

function codeOfStatus(name: StatusName): number {
  return codesOfStatuses[name] ?? (name === 'INVALID_ARGUMENT' || name === 'OUT_OF_RANGE' ? -32602 : -32603);
}

/** The status of an error in JSON-RPC that has the code of one. */
export function statusOfCode(rpcCode: number | undefined): StatusName | undefined {
  const found = Object.entries(codesOfStatuses).find(([, code]) => code === rpcCode);
  return found?.[0] as StatusName | undefined; // A name of that table.
}

function pickNumbers({ rpcCode, status, httpStatus }: ErrorNumbers): ErrorNumbers {
  return { rpcCode, status, httpStatus };
}

/** The facts of a failure of ours, where the agent is another gateway of this kind. */
function gatewayFacts(info: ErrorInfo | undefined): FailureFacts | undefined {
  if (info?.domain !== gatewayDomain) return undefined;
  const code = info.reason.toLowerCase();
  return Object.hasOwn(failureTable, code) ? failureTable[code as keyof typeof failureTable] : undefined;
}

function statusOfHttp(httpStatus: number | undefined): StatusName {
  const named = Object.entries(rpcStatuses).find(([, facts]) => facts.httpStatus === httpStatus);
  if (named !== undefined) return named[0] as StatusName;
  return httpStatus !== undefined && httpStatus < 500 ? 'INVALID_ARGUMENT' : 'INTERNAL';
}

/** Names the ErrorInfo that carries a code and data of JSON-RPC through the bindings that have no place for them. */
const carrierReason = 'JSON_RPC_ERROR';
const valueType = 'type.googleapis.com/google.protobuf.Value';

/** Beside it there may be the ErrorInfo of the vendor. */
function carriedCode(details: readonly unknown[]): number | undefined {
  const carrier = errorInfoOf(details.filter(isCarrier));
  const code = Number(carrier?.metadata.code);
  return Number.isInteger(code) ? code : undefined;
}

function carriedData(details: readonly unknown[]): unknown {
  const value = details.find((detail) => isRecord(detail) && detail['@type'] === valueType);
  return isRecord(value) ? value.value : undefined;
}

function isCarrier(detail: unknown): boolean {
  if (!isRecord(detail)) return false;
  if (detail['@type'] === valueType) return true;
  return (
    detail['@type'] === errorInfoType && detail.reason === carrierReason && detail.domain === gatewayDomain
  );
}

/**
 * The details for a binding that carries nothing else (HTTP+JSON, gRPC): the agent's own, the ErrorInfo of a reason the
 * agent left to its code (§10.6 and §11.6 require it), and a vendor's code and data where JSON-RPC had them.
 */
export function statusDetails(error: AgentError): unknown[] {
  const { reason, rpcCode, details, data } = error;
  const info = (reason: string, domain: string, metadata: Record<string, string>) => {
    return { '@type': errorInfoType, reason, domain, metadata };
  };
  const value = data === undefined ? [] : [{ '@type': valueType, value: data }];
  const hasInfo = errorInfoOf(details) !== undefined;
  if (reason !== undefined)
    return [...(hasInfo ? [] : [info(reason, protocolDomain, {})]), ...details, ...value];
  if (data === undefined && (isNumbered(error) || gatewayFacts(errorInfoOf(details)) !== undefined))
    return [...details];
  return [...details, info(carrierReason, gatewayDomain, { code: String(rpcCode) }), ...value];
}

/** Whether the status alone says which code an error has. */
function isNumbered({ rpcCode, status }: AgentError): boolean {
  return jsonRpcErrors.some((error) => error.rpcCode === rpcCode) || codesOfStatuses[status] === rpcCode;
}

/** `error.data` for JSON-RPC: the agent's own, details where it gave such (A2A §9.5). */
export function rpcData(error: AgentError): unknown {
  const { reason, details, data } = error;
  if (data !== undefined) return data;
  if (details.length > 0) return details;
  if (reason === undefined) return undefined;
  return [{ '@type': errorInfoType, reason, domain: protocolDomain, metadata: {} }];
}
