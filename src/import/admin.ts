import { isRecord } from './attribute-value.ts';
import { oneLine } from './outcome.ts';

/** The gateway's admin routes. */
export interface Admin {
  /** @throws ImportStopped when no further call can do better */
  call(method: 'GET' | 'POST' | 'PUT' | 'PATCH', path: string, more?: AdminRequest): Promise<AdminAnswer>;
}

export interface AdminRequest {
  body?: unknown;
  ifMatch?: string;
  /** Only where nothing is there yet. */
  ifNoneMatch?: '*';
  /** A secret in the body: it is taken out of a refusal that quotes it. */
  secret?: string;
}

export interface AdminAnswer {
  status: number;
  ok: boolean;
  etag: string;
  /** The members of the answer, none where it is no JSON object. */
  body: Readonly<Record<string, unknown>>;
}

/** What keeps the whole import from going on. The message is one line and holds no secret. */
export class ImportStopped extends Error {
  override readonly name = 'ImportStopped';
}

export interface AdminOptions {
  /** Where the gateway is, without a slash at the end. */
  url: string;
  token: string;
  /** From asking to the last byte. Longer than a gateway may take to fetch a card. Default 75 000. */
  timeoutMs?: number;
}

/** Agents' cards are in the answers, so it is larger than the largest card a gateway can be set to take. */
const maxAnswerBytes = 32 * 1_024 * 1_024;

/** Calls with the administrator's token; redirects are not followed, since the token would go with them. */
export function createAdmin({ url, token, timeoutMs = 75_000 }: AdminOptions): Admin {
  return {
    async call(method, path, { body, ifMatch, ifNoneMatch, secret } = {}) {
      const { answer, text } = await reached(url, async () => {
        const answer = await fetch(url + path, {
          method,
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutMs),
          headers: {
            authorization: `Bearer ${token}`,
            ...(body !== undefined && { 'content-type': 'application/json' }),
            ...(ifMatch !== undefined && { 'if-match': ifMatch }),
            ...(ifNoneMatch !== undefined && { 'if-none-match': ifNoneMatch }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        return { answer, text: await boundedText(answer) };
      });
      const given: AdminAnswer = {
        status: answer.status,
        ok: answer.ok,
        etag: answer.headers.get('etag') ?? '',
        body: membersOf(answer.ok ? text : concealed(text, [token, secret])),
      };
      stopAt(given, url);
      return given;
    },
  };
}

/** Why the gateway refused, in its own words: the reason, and the evidence that goes with it. */
export function refusalOf({ status, body }: AdminAnswer): string {
  const details = isRecord(body.error) ? body.error.details : undefined;
  const info: unknown = Array.isArray(details) ? details[0] : undefined;
  if (!isRecord(info) || typeof info.reason !== 'string') return `the gateway answered ${status}`;
  const evidence = isRecord(info.metadata) ? Object.values(info.metadata) : [];
  return oneLine([info.reason, ...evidence.map(String)].join(': '));
}

function stopAt(answer: AdminAnswer, url: string): void {
  const { status } = answer;
  if (status >= 300 && status < 400)
    throw new ImportStopped(
      `${url} answered with a redirect, which is not followed: give its target in --to`,
    );
  if (status === 401 || status === 403)
    throw new ImportStopped(
      `${url} refused the token: ${refusalOf(answer)}; it needs the scope gateway:admin`,
    );
}

async function reached<T>(url: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof ImportStopped
      ? error
      : new ImportStopped(`${url} does not answer: ${wordFor(error)}; is it the gateway's address?`);
  }
}

/** A code or a name; messages of libraries may quote what was sent. */
function wordFor(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  const code = isRecord(error.cause) ? error.cause.code : undefined;
  return typeof code === 'string' ? oneLine(code) : error.name;
}

async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxAnswerBytes) throw new ImportStopped('the answer is larger than any of a gateway');
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function concealed(text: string, secrets: readonly (string | undefined)[]): string {
  return secrets
    .filter((secret) => secret !== undefined)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])
    .reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
}

function membersOf(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    return isRecord(body) ? body : {};
  } catch {
    return {}; // A proxy's own page: its status says enough.
  }
}
