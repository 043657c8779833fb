import { GatewayError } from '../../../failure.ts';
import type { UpstreamResponse } from '../../../ports.ts';
import { isRecord } from '../../../protocol/json.ts';
import { functionFailed } from '../errors.ts';
import { createMessageReader, type StreamMessage } from './messages.ts';

/** A function's answer is at most 6 MB where it is not streamed; a message holds at most all of it. */
export const maxMessageBytes = 8 * 1024 * 1024;

/** The pieces of what a function answers, as they come. */
export interface Payload {
  /** Undefined at the end, which the function must have said. */
  next(): Promise<Uint8Array | undefined>;
  close(): void;
}

/**
 * Reads the answer of InvokeWithResponseStream.
 *
 * `next` throws GatewayError `upstream_unavailable` with status 502 where the function failed, `upstream_reset` where the
 * stream ends before the function has, `upstream_response_invalid`, `upstream_event_too_large`, and those of the response.
 */
export function openPayload(response: UpstreamResponse): Payload {
  const chunks = response.chunks()[Symbol.asyncIterator]();
  const reader = createMessageReader(maxMessageBytes);
  const messages: StreamMessage[] = [];
  let isComplete = false;

  async function nextMessage(): Promise<StreamMessage> {
    for (;;) {
      const message = messages.shift();
      if (message !== undefined) return message;
      const { done, value } = await chunks.next();
      if (done === true) throw new GatewayError({ code: 'upstream_reset' });
      messages.push(...reader.push(value));
    }
  }

  /** The function has ended, and so should the stream: read to its end, a connection may be used again. */
  function endQuietly(): void {
    const close = () => response.close();
    chunks.next().then(({ done }) => done !== true && close(), close);
  }

  return {
    async next() {
      while (!isComplete) {
        const message = await nextMessage();
        const type = typeOf(message);
        if (type === 'PayloadChunk' && message.body.length > 0) return message.body;
        if (type !== 'InvokeComplete') continue; // A kind of event that is not known yet.
        checkComplete(message);
        isComplete = true;
        endQuietly();
      }
      return undefined;
    },
    close: () => response.close(),
  };
}

/** @throws GatewayError for an error that Lambda tells within the stream */
function typeOf({ headers }: StreamMessage): string | undefined {
  if ((headers.get(':message-type') ?? 'event') === 'event') return headers.get(':event-type');
  const name = headers.get(':exception-type') ?? headers.get(':error-code') ?? '';
  throw functionFailed(/^\w{1,64}$/.test(name) ? name : 'exception');
}

const decoder = new TextDecoder();

function checkComplete({ body }: StreamMessage): void {
  let said: unknown;
  try {
    said = body.length === 0 ? {} : JSON.parse(decoder.decode(body));
  } catch {
    throw new GatewayError({ code: 'upstream_response_invalid', problem: 'eventstream' });
  }
  // Its details are the function's own words, a stack among them.
  const code = isRecord(said) ? said.ErrorCode : undefined;
  if (typeof code === 'string' && code !== '')
    throw functionFailed(/^[\w.]{1,64}$/.test(code) ? code : 'error');
}
