import type { CallIds } from '../protocol/call-ids.ts';
import { errorEvent } from '../protocol/errors.ts';
import type { ServedVersion } from '../protocol/version.ts';
import type { ForwardedResponse } from '../proxy/forward.ts';
import { extensionsHeader } from '../proxy/headers.ts';
import type { CallerWords } from './caller-words.ts';
import type { CoreAnswer } from './core-call.ts';
import { type GetTask, withFinal, withTaskFirst } from './events.ts';

/** An agent's answer as the caller's version heads it: the extensions that were activated under their name there. */
export class BridgedResponse implements ForwardedResponse {
  readonly status = 200;
  declare readonly learn?: (ids: CallIds) => Promise<void>;
  readonly #upstream: ForwardedResponse;
  readonly #version: ServedVersion;

  constructor(upstream: ForwardedResponse, version: ServedVersion) {
    this.#upstream = upstream;
    this.#version = version;
    const { learn } = upstream;
    if (learn !== undefined) this.learn = (ids) => learn.call(upstream, ids);
  }

  header(name: string): string | undefined {
    if (name === 'retry-after') return this.#upstream.header(name);
    if (name !== extensionsHeader[this.#version]) return undefined;
    const names = Object.values(extensionsHeader);
    return names.map((name) => this.#upstream.header(name)).find((value) => value !== undefined);
  }

  trailer(name: string): string | undefined {
    return this.#upstream.trailer(name);
  }

  bytes(maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.#upstream.bytes(maxBytes);
  }

  chunks(): AsyncIterable<Uint8Array> {
    return this.#upstream.chunks();
  }

  close(): void {
    this.#upstream.close();
  }
}

/** A stream of an agent as Server-Sent Events in the words of the caller. */
export class BridgedStream extends BridgedResponse {
  readonly #events: () => AsyncIterable<Uint8Array>;

  constructor(
    upstream: ForwardedResponse,
    version: ServedVersion,
    { events, words, getTask }: { events: AsyncIterable<CoreAnswer>; words: CallerWords; getTask: GetTask },
  ) {
    super(upstream, version);
    this.#events = () => (version === '0.3' ? marked(events, words) : begun(events, words, getTask));
  }

  override chunks(): AsyncIterable<Uint8Array> {
    return this.#events();
  }
}

const encoder = new TextEncoder();

async function* marked(events: AsyncIterable<CoreAnswer>, words: CallerWords): AsyncGenerator<Uint8Array> {
  for await (const { event, isFinal } of withFinal(events)) yield eventBytes(event, isFinal, words);
}

async function* begun(
  events: AsyncIterable<CoreAnswer>,
  words: CallerWords,
  getTask: GetTask,
): AsyncGenerator<Uint8Array> {
  for await (const event of withTaskFirst(events, getTask)) yield eventBytes(event, false, words);
}

function eventBytes(event: CoreAnswer, isFinal: boolean, words: CallerWords): Uint8Array {
  if (!event.ok) return encoder.encode(errorEvent(words.errorEvent(event.error)));
  return encoder.encode(`data: ${words.event(event.result, isFinal)}\n\n`);
}
