import type * as z from 'zod';
import { GatewayError, unwrap } from '../failure.ts';
import { GatheredBytes } from '../protocol/bytes.ts';
import { guardOf, inspect, isRecord, maxNamedChars, parseJson } from '../protocol/json.ts';
import type { ServedVersion } from '../protocol/version.ts';
import type { Call } from './route.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads a request body as text, at most `maxBodyBytes` of it, and notes how many there were.
 * @throws GatewayError `body_too_large`, `body_malformed` for what is not UTF-8, `caller_left`
 */
export async function readText(
  { request, note }: Pick<Call, 'request' | 'note'>,
  maxBodyBytes: number,
): Promise<string> {
  const bytes = await readBytes(request, maxBodyBytes);
  note.requestBytes = bytes.length;
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new GatewayError({ code: 'body_malformed', problem: 'utf-8' }, { cause });
  }
}

async function readBytes(request: Request, maxBodyBytes: number): Promise<Uint8Array> {
  const tooLarge = () => new GatewayError({ code: 'body_too_large', maxBodyBytes });
  const declared = request.headers.get('content-length');
  if (declared !== null && Number(declared) > maxBodyBytes) throw tooLarge();
  try {
    // The HTTP parser holds a sender to the length it declared; only an undeclared one must be counted.
    if (declared !== null) return new Uint8Array(await request.arrayBuffer());
    if (request.body === null) return new Uint8Array();
    return await readCounted(request.body, maxBodyBytes, tooLarge);
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError({ code: 'caller_left' }, { cause });
  }
}

async function readCounted(
  body: ReadableStream<Uint8Array>,
  maxBodyBytes: number,
  tooLarge: () => GatewayError,
): Promise<Uint8Array> {
  const held = new GatheredBytes();
  for await (const part of body) {
    held.push(part);
    if (held.length > maxBodyBytes) throw tooLarge();
  }
  return held.take();
}

/** Refuses a body that does not claim to be JSON; none claimed is taken for JSON. */
export function requireJson(request: Request): void {
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === '' || type === 'application/json' || type === a2aJsonType) return;
  throw new GatewayError({ code: 'media_type_unsupported', expected: 'application/json' });
}

/**
 * The JSON type of an HTTP+JSON answer: the request's own, else what it accepts (A2A §11.1); before 1.0.1 and in 0.3 it
 * was plain JSON.
 */
export function jsonTypeFor({ headers }: Request, version: ServedVersion): string {
  const given = headers.get('content-type') ?? headers.get('accept') ?? '';
  const isPlain = given.includes('application/json') && !given.includes(a2aJsonType);
  return version === '0.3' || isPlain ? 'application/json' : a2aJsonType;
}

const a2aJsonType = 'application/a2a+json';

/**
 * Reads the body of one of our own routes by its schema.
 * @throws GatewayError `media_type_unsupported`, `body_too_large`, `body_malformed`, `parameter_invalid` naming the
 *   first member that is wrong, `member_refused` for one given twice
 */
export async function parseBody(
  call: Pick<Call, 'request' | 'note'>,
  schema: z.ZodType,
  { maxBodyBytes }: { maxBodyBytes: number },
): Promise<unknown> {
  requireJson(call.request);
  const { text, value } = unwrap(parseJson(await readText(call, maxBodyBytes)));
  if (isRecord(value)) unwrap(inspect(text, guardOf([])));
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0]?.slice(0, maxNamedChars) : undefined;
  const path = [...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])].join('.');
  const problem = unknown === undefined ? (issue?.message ?? 'invalid') : 'unknown member';
  // Names of members may be the caller's own.
  throw new GatewayError({ code: 'parameter_invalid', parameter: path.slice(0, maxNamedChars), problem });
}
