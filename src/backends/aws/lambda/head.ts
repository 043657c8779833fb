import { GatewayError } from '../../../failure.ts';
import { fromBase64, GatheredBytes } from '../../../protocol/bytes.ts';
import { isRecord } from '../../../protocol/json.ts';
import type { Payload } from './payload.ts';

/** A function's HTTP answer up to its body. */
export interface AnswerHead {
  status: number;
  /** Names in lower case. */
  headers: ReadonlyMap<string, string>;
  /** What of the body is here. */
  body: Uint8Array;
  /** Whether that is all of it. */
  isWhole: boolean;
}

/** What a function that does not stream may answer (Lambda's own limit). */
const maxBufferedBytes = 6 * 1024 * 1024;
const maxHeadBytes = 64 * 1024;
/** Between the head of a streamed answer and its body. JSON has no NUL in it, so the first ends the head. */
const delimiterBytes = 8;

const decoder = new TextDecoder();

/**
 * Reads a function's answer as far as needed: a streamed one (`awslambda.HttpResponseStream`) to the end of its head; one
 * that is not streamed as a whole, which is an answer in JSON (`statusCode`, `headers`, `body`) or, without a
 * `statusCode`, a JSON body of status 200 (payload format 2.0).
 *
 * @throws GatewayError `upstream_response_invalid` problem `lambda_head`, `upstream_response_too_large`, and those of the
 *   payload
 */
export async function readHead(payload: Payload): Promise<AnswerHead> {
  const held = new GatheredBytes();
  let headBytes: number | undefined;
  for (;;) {
    const piece = await payload.next();
    if (piece === undefined) return wholeAnswer(held.take());
    const nulAt = headBytes === undefined ? piece.indexOf(0) : -1;
    if (nulAt !== -1) headBytes = held.length + nulAt;
    held.push(piece);
    if (headBytes !== undefined && held.length >= headBytes + delimiterBytes)
      return streamedAnswer(held.take(), headBytes);
    if (held.length > maxBufferedBytes)
      throw new GatewayError({ code: 'upstream_response_too_large', maxBytes: maxBufferedBytes });
  }
}

function streamedAnswer(bytes: Uint8Array, headBytes: number): AnswerHead {
  const bodyAt = headBytes + delimiterBytes;
  const isDelimited = bytes.subarray(headBytes, bodyAt).every((byte) => byte === 0);
  if (!isDelimited || headBytes > maxHeadBytes) throw malformed();
  const head = parsed(bytes.subarray(0, headBytes));
  if (!isRecord(head)) throw malformed();
  return { ...statusAndHeaders({ statusCode: 200, ...head }), body: bytes.subarray(bodyAt), isWhole: false };
}

function wholeAnswer(bytes: Uint8Array): AnswerHead {
  const answer = parsed(bytes);
  if (isRecord(answer) && answer.statusCode !== undefined)
    return { ...statusAndHeaders(answer), body: bodyOf(answer), isWhole: true };
  const headers = new Map([['content-type', 'application/json']]);
  return { status: 200, headers, body: bytes, isWhole: true };
}

/** Undefined for what is no JSON. */
function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return undefined;
  }
}

/** Cookies are not the gateway's; without a type a body is JSON (payload format 2.0). */
function statusAndHeaders(answer: Record<string, unknown>): Pick<AnswerHead, 'status' | 'headers'> {
  const { statusCode: status, headers = {} } = answer;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599)
    throw malformed();
  if (!isRecord(headers)) throw malformed();
  const named = new Map([['content-type', 'application/json']]);
  for (const [name, value] of Object.entries(headers)) named.set(name.toLowerCase(), headerText(value));
  return { status, headers: named };
}

/** JSON carries what no header can: a line break would begin another one, the rest cannot be written (RFC 9110 §5.5). */
function headerText(value: unknown): string {
  const text = String(value);
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) throw malformed();
  return text;
}

const encoder = new TextEncoder();

function bodyOf({ body, isBase64Encoded }: Record<string, unknown>): Uint8Array {
  if (body === undefined || body === null) return new Uint8Array();
  if (typeof body !== 'string') throw malformed();
  if (isBase64Encoded !== true) return encoder.encode(body);
  const bytes = fromBase64(body);
  if (bytes === undefined) throw malformed();
  return bytes;
}

function malformed(): GatewayError {
  return new GatewayError({ code: 'upstream_response_invalid', problem: 'lambda_head' });
}
