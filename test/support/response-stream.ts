import { Writable } from 'node:stream';
import type { LambdaResponseStream } from '../../src/runtimes/lambda/awslambda.ts';

/**
 * Stands in for the response stream of Lambda's runtime and for API Gateway behind it: what is written waits until it is
 * taken, and little of it is held, so that back-pressure is real.
 */
export class ResponseStream extends Writable implements LambdaResponseStream {
  contentType: string | undefined;
  readonly #held: { bytes: Uint8Array; taken: () => void }[] = [];
  #isComplete = false;
  #wake = () => {};

  constructor(highWaterMark = 1_024) {
    super({ highWaterMark });
    this.once('close', () => this.#wake());
  }

  setContentType(type: string): void {
    if (this.writableLength > 0) throw new Error('set after the first write');
    this.contentType = type;
  }

  override _write(bytes: Uint8Array, _encoding: string, taken: () => void): void {
    this.#held.push({ bytes, taken });
    this.#wake();
  }

  override _final(done: () => void): void {
    this.#isComplete = true;
    done();
    this.#wake();
  }

  /** The next piece; undefined at the end. @throws Error when the function broke off */
  async take(): Promise<Uint8Array | undefined> {
    for (;;) {
      const next = this.#held.shift();
      next?.taken();
      if (next !== undefined) return next.bytes;
      if (this.#isComplete) return undefined;
      if (this.destroyed) throw new Error('the function broke off');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

interface Prelude {
  statusCode: number;
  headers?: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
}

const delimiter = Buffer.alloc(8);

/** Reads prelude and delimiter as API Gateway does, and answers the response as a caller sees it. */
export async function toResponse(stream: ResponseStream): Promise<Response> {
  let read = Buffer.alloc(0);
  while (!read.includes(delimiter)) {
    const piece = await stream.take();
    if (piece === undefined) throw new Error('no prelude');
    read = Buffer.concat([read, piece]);
  }
  const at = read.indexOf(delimiter);
  const prelude = JSON.parse(read.subarray(0, at).toString()) as Prelude; // What the function wrote.
  const first = read.subarray(at + delimiter.length);
  const isBodiless = prelude.statusCode === 204 || prelude.statusCode === 304;
  if (isBodiless) await stream.take();
  return new Response(isBodiless ? null : bodyOf(stream, first), {
    status: prelude.statusCode,
    headers: headersOf(prelude),
  });
}

function headersOf({ headers = {}, multiValueHeaders = {} }: Prelude): [string, string][] {
  return [
    ...Object.entries(headers),
    ...Object.entries(multiValueHeaders).flatMap(([name, values]) =>
      values.map((value): [string, string] => [name, value]),
    ),
  ];
}

/** Pulled; whoever cancels it has left. */
function bodyOf(stream: ResponseStream, first: Uint8Array): ReadableStream<Uint8Array> {
  let next: Uint8Array | undefined = first;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (next === undefined || next.length === 0) next = await stream.take();
        if (next === undefined) return controller.close();
        controller.enqueue(next);
        next = undefined;
      },
      cancel: () => void stream.destroy(),
    },
    { highWaterMark: 0 },
  );
}
