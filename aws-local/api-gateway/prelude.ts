/** What a function says of its answer before the body: HTTP status and headers. */
export interface Prelude {
  statusCode: number;
  headers: [string, string][];
}

/** Bytes of the body that came with the end of the prelude, and the prelude. */
export interface PreludeEnd {
  prelude: Prelude;
  rest: Uint8Array;
}

/** API Gateway wants the delimiter within this many bytes. */
const maxPreludeBytes = 16 * 1024;
const delimiter = Buffer.alloc(8);

/** An answer that is not of the form a Lambda proxy integration has. */
export class MalformedAnswer extends Error {
  override readonly name = 'MalformedAnswer';
}

/**
 * Reads the prelude of a streamed answer, piece by piece as it comes: JSON, then eight NUL bytes, then the body.
 * JSON text has no NUL, so the first eight are the delimiter wherever the pieces are cut.
 *
 * @throws MalformedAnswer
 */
export function createPreludeReader(): (chunk: Uint8Array) => PreludeEnd | undefined {
  let read = Buffer.alloc(0);
  return (chunk) => {
    read = Buffer.concat([read, chunk]);
    const at = read.indexOf(delimiter);
    // A delimiter that is not complete yet may still begin in time.
    if (at === -1 ? read.length >= maxPreludeBytes + delimiter.length : at > maxPreludeBytes)
      throw new MalformedAnswer('no delimiter within 16 KB');
    if (at === -1) return undefined;
    const text = read.subarray(0, at).toString('utf8');
    return { prelude: parseAnswerHead(parseJson(text)), rest: read.subarray(at + delimiter.length) };
  };
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedAnswer('not JSON');
  }
}

/**
 * Status and headers of a proxy answer; `multiValueHeaders` win over `headers` of the same name, `cookies` become
 * Set-Cookie. @throws MalformedAnswer
 */
export function parseAnswerHead(value: unknown): Prelude {
  const answer = membersOf(value, 'answer');
  const statusCode = Number(answer.statusCode ?? 200);
  if (!Number.isInteger(statusCode) || statusCode < 100 || statusCode > 599)
    throw new MalformedAnswer(`statusCode ${JSON.stringify(answer.statusCode)}`);
  const multiple = Object.entries(membersOf(answer.multiValueHeaders ?? {}, 'multiValueHeaders'));
  const names = new Set(multiple.map(([name]) => name.toLowerCase()));
  const single = Object.entries(membersOf(answer.headers ?? {}, 'headers'));
  const cookies = Array.isArray(answer.cookies) ? answer.cookies : [];
  return {
    statusCode,
    headers: [
      ...single
        .filter(([name]) => !names.has(name.toLowerCase()))
        .map(([name, value]): [string, string] => [name, textOf(value, name)]),
      ...multiple.flatMap(([name, values]) => {
        if (!Array.isArray(values)) throw new MalformedAnswer(`multiValueHeaders.${name} is no list`);
        return values.map((value): [string, string] => [name, textOf(value, name)]);
      }),
      ...cookies.map((value): [string, string] => ['set-cookie', textOf(value, 'cookies')]),
    ],
  };
}

export function membersOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MalformedAnswer(`${what} is no object`);
  return value as Record<string, unknown>; // Any object is.
}

function textOf(value: unknown, name: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw new MalformedAnswer(`the value of ${name} is no text`);
}
