import { GatewayError } from '../../../failure.ts';
import type { UpstreamResponse } from '../../../ports.ts';
import { GatheredBytes } from '../../../protocol/bytes.ts';
import { pulled } from '../../../pulled.ts';
import { type AnswerHead, readHead } from './head.ts';
import { openPayload, type Payload } from './payload.ts';

/**
 * A function's HTTP answer, out of the answer of InvokeWithResponseStream; its body is streamed as it comes.
 *
 * @throws GatewayError those of {@link openPayload} and {@link readHead}
 */
export async function functionAnswer(response: UpstreamResponse): Promise<UpstreamResponse> {
  const payload = openPayload(response);
  try {
    return new FunctionAnswer(await readHead(payload), payload);
  } catch (error) {
    payload.close();
    throw error;
  }
}

class FunctionAnswer implements UpstreamResponse {
  readonly status: number;
  readonly #head: AnswerHead;
  readonly #payload: Payload;
  #isTaken = false;

  constructor(head: AnswerHead, payload: Payload) {
    this.status = head.status;
    this.#head = head;
    this.#payload = payload;
  }

  header(name: string): string | undefined {
    return this.#head.headers.get(name.toLowerCase());
  }

  /** A function's answer has none. */
  trailer(): undefined {}

  async bytes(maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
    const held = new GatheredBytes();
    for await (const piece of this.chunks()) {
      held.push(piece);
      if (held.length > maxBytes) throw new GatewayError({ code: 'upstream_response_too_large', maxBytes });
    }
    return new Uint8Array(held.take());
  }

  chunks(): AsyncIterableIterator<Uint8Array> {
    if (this.#isTaken) throw new TypeError('the response body has been taken');
    this.#isTaken = true;
    let first: Uint8Array | undefined = this.#head.body;
    return pulled(
      async () => {
        const value = first?.length ? first : await this.#next();
        first = undefined;
        return value === undefined ? { done: true, value } : { done: false, value };
      },
      () => this.close(),
    );
  }

  close(): void {
    this.#payload.close();
  }

  async #next(): Promise<Uint8Array | undefined> {
    try {
      return this.#head.isWhole ? undefined : await this.#payload.next();
    } catch (error) {
      this.close();
      throw error;
    }
  }
}
