import { workerData } from 'node:worker_threads';
import type { EmbeddingPurpose } from '../embedder.ts';
import { serveThread } from '../thread/serve.ts';
import { readOnnxFolder } from './onnx-folder.ts';
import { type OnnxModel, openOnnxModel } from './onnx-model.ts';

/** The thread of a model in ONNX. */

export interface OnnxDescription {
  dimensions: number;
  /** Of the files, as hex. */
  digest: string;
}

export interface OnnxRequest {
  texts: readonly string[];
  purpose: EmbeddingPurpose;
  /** Of the model that is meant. */
  digest: string;
}

interface Opened extends OnnxDescription {
  model: OnnxModel;
}

const { folder } = workerData as { folder: string }; // Written by `onnx.ts`.
let opened: Promise<Opened> | undefined;

async function open(): Promise<Opened> {
  const files = await readOnnxFolder(folder);
  const model = await openOnnxModel(files, folder);
  const [probe] = await model.embed(['dimensions'], 'document');
  return { model, dimensions: probe?.length ?? 0, digest: files.digest };
}

function remembered(): Promise<Opened> {
  opened ??= open().catch((error: unknown) => {
    opened = undefined;
    throw error;
  });
  return opened;
}

serveThread(
  {
    async describe(): Promise<OnnxDescription> {
      const { dimensions, digest } = await remembered();
      return { dimensions, digest };
    },
    async embed({ texts, purpose, digest }: OnnxRequest): Promise<Float32Array[]> {
      const { model, digest: found } = await remembered();
      if (found !== digest) throw new Error('the files of the model have changed');
      return model.embed(texts, purpose);
    },
  },
  (value) => (Array.isArray(value) ? (value as Float32Array<ArrayBuffer>[]).map(({ buffer }) => buffer) : []),
);
