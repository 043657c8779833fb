import { expect } from 'vitest';
import { isRecord } from '../../src/protocol/json.ts';
import type { CallStand } from '../support/call-stand.ts';

/** A request as it was sent. */
export interface Asked {
  method: string;
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  body?: Uint8Array<ArrayBuffer>;
}

export interface Answered {
  status: number;
  headers: Headers;
  text: string;
}

/** Sends a request and reads all of its answer. What was seen and logged before is forgotten. */
export async function ask(stand: CallStand, { path, ...init }: Asked): Promise<Answered> {
  stand.agent.seen.splice(0);
  stand.logged.splice(0);
  const response = await stand.send(path, init);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Asserts what holds of every answer, whatever was asked and whatever the agent did. */
export function expectWellFormed(stand: CallStand, asked: Asked, { status, headers, text }: Answered): void {
  const all = JSON.stringify([...headers]) + text;
  for (const secret of stand.secrets) expect(all).not.toContain(secret);
  for (const name of ['set-cookie', 'server', 'location', 'x-powered-by'])
    expect(headers.get(name)).toBeNull();
  const logged = JSON.stringify(stand.logged);
  expect(logged).not.toMatch(/"code":"internal"|"INTERNAL"/);
  expect(logged).not.toContain('a-key-of-the-agent');
  // The answer to HEAD may be what GET would have: a runtime sends no body of it.
  if (status === 204 || status === 304) expect(text).toBe('');
  else if (headers.get('content-type')?.startsWith('text/event-stream')) expectEvents(asked, text);
  else if (text !== '' || (status >= 300 && asked.method !== 'HEAD')) {
    expect(headers.get('content-type')).toMatch(/^application\/(a2a\+)?json/);
    expectBody(asked, status, JSON.parse(text));
  }
}

/** The path as a URL has it, without its dot segments. */
function pathOf({ path }: Asked): string {
  return new URL(`http://agents.test${path}`).pathname;
}

function isRpc(asked: Asked): boolean {
  return asked.method === 'POST' && /^\/agents\/[^/]+\/?$/.test(pathOf(asked));
}

function expectBody(asked: Asked, status: number, body: unknown): void {
  // A target out of canonical form names no endpoint, and so no binding.
  if (isRpc(asked) && reasonOf(JSON.stringify(body)) !== 'PATH_REFUSED') expectEnvelope(asked, body);
  else if (status < 400) expect(isRecord(body)).toBe(true);
  else expectRestError(asked, body);
}

/** A google.rpc.Status, or below `v1` what the official SDK of 0.3 writes. Our refusals before there is a binding are the former. */
function expectRestError(asked: Asked, body: unknown): void {
  const isBare =
    /^\/agents\/[^/]+\/v1\//.test(pathOf(asked)) && isRecord(body) && !Object.hasOwn(body, 'error');
  const error = isBare ? body : isRecord(body) ? body.error : undefined;
  expect(error).toMatchObject({ code: expect.any(Number), message: expect.any(String) });
}

/** A JSON-RPC response under the id of the call, or under none where it is an error to what could not be read. */
export function expectEnvelope(asked: Asked, body: unknown): void {
  expect(body).toMatchObject({ jsonrpc: '2.0' });
  if (!isRecord(body)) return;
  const isError = isRecord(body.error);
  if (!isError) expect(Object.hasOwn(body, 'error') && body.error !== null).toBe(false);
  if (!isError || (body.id !== null && body.id !== undefined)) expect(body.id).toEqual(idOf(asked));
}

function idOf({ body }: Asked): unknown {
  return (JSON.parse(new TextDecoder().decode(body)) as { id?: unknown }).id;
}

/** What the gateway adds at the end of a stream that broke is in the words of the binding. */
function expectEvents(asked: Asked, text: string): void {
  const [, ownError] = /(?:^|\n)event: error\ndata: (.*)\n\n$/.exec(text) ?? [];
  if (ownError === undefined || !ownError.includes('"a2a-')) return;
  const body: unknown = JSON.parse(ownError);
  if (isRpc(asked)) expectEnvelope(asked, body);
  else expectRestError(asked, body);
}

/** The stable reason of an error of the gateway's or of the protocol; undefined for anything else. */
export function reasonOf(text: string): string | undefined {
  return /"reason":"([A-Z_]+)","domain":"a2a-(?:gateway|protocol\.org)"/.exec(text)?.[1];
}
