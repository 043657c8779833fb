import { GatewayError } from '../../failure.ts';
import type { EmbeddingPurpose } from '../embedder.ts';

/** Texts of one call to be embedded together. */
export interface Batch {
  texts: readonly string[];
  purpose: EmbeddingPurpose;
  /** When the call was made, by `performance.now`. */
  askedAtMs: number;
}

export interface TextQueueOptions {
  /** One vector a text, in their order. Whatever it throws fails the call the texts belong to. */
  run(batch: Batch): Promise<Float32Array[]>;
  /** Batches under way at once. */
  lanes: number;
  /** How many of them may be of documents. */
  documentLanes: number;
  maxBatchTexts: number;
  /** A batch takes no further text past this many characters; one text it always has. */
  maxBatchChars: number;
  /** Texts of each purpose that may wait; a call that would make it more is refused. */
  maxWaitingTexts: number;
}

export interface TextQueue {
  /**
   * One vector a text, in their order.
   * @param texts at least one
   * @throws GatewayError `search_unavailable`: `busy` where too many wait, `model` for whatever `run` threw and after
   *   `close`
   */
  embed(texts: readonly string[], purpose: EmbeddingPurpose): Promise<Float32Array[]>;
  /** Fails the calls that wait and all later ones. */
  close(): void;
}

interface Call {
  texts: readonly string[];
  /** The first that is not begun. */
  next: number;
  askedAtMs: number;
  vectors: Float32Array[];
  missing: number;
  resolve(vectors: Float32Array[]): void;
  reject(error: GatewayError): void;
}

/**
 * Texts on their way to a model that takes a few at a time: queries before documents, however many of these wait, and
 * in either the order of the calls. A batch holds texts of one call only, so a text the model cannot bear fails nobody
 * else's.
 */
export function createTextQueue(options: TextQueueOptions): TextQueue {
  const { run, lanes, documentLanes, maxWaitingTexts } = options;
  const waiting: Record<EmbeddingPurpose, Call[]> = { query: [], document: [] };
  const underWay: Record<EmbeddingPurpose, number> = { query: 0, document: 0 };
  let isClosed = false;

  function pump(): void {
    while (underWay.query + underWay.document < lanes) {
      if (waiting.query.length > 0) begin('query');
      else if (waiting.document.length > 0 && underWay.document < documentLanes) begin('document');
      else return;
    }
  }

  function begin(purpose: EmbeddingPurpose): void {
    const call = waiting[purpose][0];
    if (call === undefined) return;
    const { askedAtMs, next } = call;
    const texts = batchOf(call, options);
    call.next += texts.length;
    if (call.next === call.texts.length) waiting[purpose].shift();
    underWay[purpose] += 1;
    void finish(call, next, run({ texts, purpose, askedAtMs }), purpose);
  }

  async function finish(
    call: Call,
    at: number,
    answer: Promise<Float32Array[]>,
    purpose: EmbeddingPurpose,
  ): Promise<void> {
    try {
      for (const [offset, vector] of (await answer).entries()) {
        call.vectors[at + offset] = vector;
        call.missing -= 1;
      }
      if (call.missing === 0) call.resolve(call.vectors);
    } catch (cause) {
      waiting[purpose] = waiting[purpose].filter((other) => other !== call);
      call.reject(asUnavailable(cause));
    } finally {
      underWay[purpose] -= 1;
      pump();
    }
  }

  return {
    async embed(texts, purpose) {
      if (isClosed) throw closed();
      const ahead = waiting[purpose].reduce((sum, call) => sum + call.texts.length - call.next, 0);
      if (ahead + texts.length > maxWaitingTexts) {
        throw new GatewayError({ code: 'search_unavailable', problem: 'busy' });
      }
      return new Promise((resolve, reject) => {
        waiting[purpose].push({
          texts,
          next: 0,
          askedAtMs: performance.now(),
          vectors: [],
          missing: texts.length,
          resolve,
          reject,
        });
        pump();
      });
    },
    close() {
      isClosed = true;
      for (const call of [...waiting.query.splice(0), ...waiting.document.splice(0)]) call.reject(closed());
    },
  };
}

function batchOf(
  { texts, next }: Call,
  { maxBatchTexts, maxBatchChars }: TextQueueOptions,
): readonly string[] {
  let chars = texts[next]?.length ?? 0;
  let end = next + 1;
  while (end < texts.length && end - next < maxBatchTexts) {
    chars += texts[end]?.length ?? 0;
    if (chars > maxBatchChars) break;
    end += 1;
  }
  return texts.slice(next, end);
}

function closed(): GatewayError {
  return asUnavailable(new Error('the embedder is closed'));
}

/** What went wrong with the model, whatever it was, as the port says it; the reason stays inside. */
export function asUnavailable(cause: unknown): GatewayError {
  const isSaid = cause instanceof GatewayError && cause.failure.code === 'search_unavailable';
  return isSaid ? cause : new GatewayError({ code: 'search_unavailable', problem: 'model' }, { cause });
}
