import { upstreamUnavailable } from '../backends/upstream-unavailable.ts';
import { GatewayError } from '../failure.ts';
import type { UpstreamResponse } from '../ports.ts';
import { isRecord } from '../protocol/json.ts';
import type { RpcCall } from '../protocol/jsonrpc.ts';

/** An agent's answer that is not a stream: its text as received, and what it says. */
export interface JsonAnswer {
  status: number;
  text: string;
  /** Undefined for an empty body. */
  value: unknown;
}

/** Strict and keeping a byte-order mark, so that the text says exactly what the bytes did. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function invalid(problem: string, cause?: unknown): GatewayError {
  return new GatewayError({ code: 'upstream_response_invalid', problem }, { cause });
}

/** Whether the agent has begun an event stream. One with another status than 200 is an error of odd type. */
export function isEventStream(response: UpstreamResponse): boolean {
  return response.status === 200 && mediaType(response) === 'text/event-stream';
}

function mediaType(response: UpstreamResponse): string {
  const type = response.header('content-type') ?? '';
  const end = type.indexOf(';');
  return (end === -1 ? type : type.slice(0, end)).trim().toLowerCase();
}

/** Agents that follow the samples of A2A §6.4 word their errors as problem documents (RFC 9457). */
const jsonTypes: ReadonlySet<string> = new Set([
  'application/json',
  'application/a2a+json',
  'application/problem+json',
  '',
]);

function isJson(type: string): boolean {
  return jsonTypes.has(type);
}

/**
 * Reads a JSON answer whole.
 * @throws GatewayError `upstream_response_invalid` for what is not JSON, `upstream_unavailable` where such an answer
 *   has status 429, 502, 503 or 504 (a load balancer speaking, not the agent), and those of the body
 */
async function readJson(response: UpstreamResponse, maxAnswerBytes: number): Promise<JsonAnswer> {
  const { status } = response;
  if (!isJson(mediaType(response))) {
    response.close();
    throw unreadable(response, 'media_type');
  }
  const bytes = await response.bytes(maxAnswerBytes);
  if (bytes.length === 0) return { status, text: '', value: undefined };
  try {
    const text = decoder.decode(bytes);
    return { status, text, value: JSON.parse(text) };
  } catch (cause) {
    throw unreadable(response, 'syntax', withoutContent(cause));
  }
}

/** A parser's message quotes the agent's answer, which no log may hold. */
function withoutContent(cause: unknown): unknown {
  return cause instanceof SyntaxError ? undefined : cause;
}

function isBusy(status: number): boolean {
  return status === 429 || (status >= 502 && status <= 504);
}

/** The failure of an answer that is not one of A2A: where its status says so, of what stands before an agent that is busy. */
export function unreadable(response: UpstreamResponse, problem: string, cause?: unknown): GatewayError {
  return isBusy(response.status) ? new GatewayError(upstreamUnavailable(response)) : invalid(problem, cause);
}

/** A JSON-RPC answer to this call (A2A §9.1), success or error. */
export async function readRpcAnswer(
  response: UpstreamResponse,
  { id, resultMayBeAbsent }: Pick<RpcCall, 'id' | 'resultMayBeAbsent'>,
  maxAnswerBytes: number,
): Promise<JsonAnswer> {
  const answer = await readJson(response, maxAnswerBytes);
  const { value } = answer;
  if (!isRecord(value) || value.jsonrpc !== '2.0') throw unreadable(response, 'jsonrpc');
  const isError = isRecord(value.error);
  const hasResult = Object.hasOwn(value, 'result');
  const isEmptySuccess = resultMayBeAbsent && !hasResult && !Object.hasOwn(value, 'error');
  if (isError === hasResult && !(isError && value.result === null) && !isEmptySuccess)
    throw invalid('jsonrpc');
  // An error to a request the agent could not read may have no id (JSON-RPC 2.0 §5).
  if (value.id !== id && !(isError && (value.id === null || value.id === undefined))) throw invalid('id');
  return answer;
}

/** An HTTP+JSON answer (A2A §11): an object, or nothing where the operation has no result, or an error body. */
export async function readRestAnswer(
  response: UpstreamResponse,
  maxAnswerBytes: number,
): Promise<JsonAnswer> {
  const answer = await readJson(response, maxAnswerBytes);
  const isSuccess = answer.status >= 200 && answer.status < 300;
  if (isSuccess && (answer.value === undefined || isRecord(answer.value))) return answer;
  if (!isSuccess && isRecord(answer.value)) return answer;
  throw unreadable(response, isSuccess ? 'object' : `status_${answer.status}`);
}
