import { basename, resolve } from 'node:path';
import type { Embedder } from '../embedder.ts';
import { createThread } from '../thread/thread.ts';
import type { OnnxDescription, OnnxRequest } from './onnx-thread.ts';
import { asUnavailable, createTextQueue } from './text-queue.ts';
import { cleanTexts, toUnitVector } from './texts.ts';

/**
 * A model of the operator's own: a folder with `model.onnx`, `tokenizer.json` and, where wanted, `tokenizer_config.json`
 * and `embedder.json` (see `onnx-folder.ts`). Needs the packages `onnxruntime-web` and `@huggingface/tokenizers`, found
 * beside the gateway or in the `node_modules` of the folder; the gateway does not bring them. It computes in WebAssembly
 * in a thread of its own, one batch after another; a query waits for at most one, of two documents.
 *
 * The files are read when it is opened and again when its thread has died; if they have changed meanwhile every call
 * fails, as the vectors would not be of this model any more.
 *
 * @throws GatewayError `search_unavailable` where a file or a package is missing or the model cannot be run; its cause
 *   says what
 */
export async function openOnnxEmbedder(folder: string): Promise<Embedder> {
  const path = resolve(folder);
  const thread = createThread(new URL('./onnx-thread', import.meta.url), { data: { folder: path } });
  let description: OnnxDescription;
  try {
    description = await thread.call<OnnxDescription>('describe');
  } catch (cause) {
    await thread.close();
    throw asUnavailable(cause);
  }
  const { digest, dimensions } = description;
  const queue = createTextQueue({
    run: async ({ texts, purpose }) => {
      const request: OnnxRequest = { texts, purpose, digest };
      const rows = await thread.call<Float32Array[]>('embed', request);
      return rows.map((row) => toUnitVector(row, dimensions));
    },
    ...{ lanes: 1, documentLanes: 1, maxBatchTexts: 2, maxBatchChars: 2_000, maxWaitingTexts: 256 },
  });
  return {
    model: { id: `onnx:${basename(path)}:${digest.slice(0, 12)}`, dimensions },
    embed: async (texts, purpose) => queue.embed(cleanTexts(texts), purpose),
    async close() {
      queue.close();
      await thread.close();
    },
  };
}
