import { pause } from '../../pause.ts';
import { type DocumentDeps, passOverAll } from './documents.ts';
import { withLease } from './lease.ts';
import { beginSet, type FillOptions, fillSet, type VectorDeps } from './vectors.ts';

export interface RebuildDeps extends DocumentDeps, VectorDeps {}

export interface RebuildOptions {
  /** Ends it before its time; what was done until then counts. */
  signal?: AbortSignal;
  /** Hears how far it is; `done` and `total` are agents. */
  progress?(phase: 'documents' | 'vectors', done: number, total: number): void;
  /** Between the tries of a model that fails. Default 1000. */
  retryMs?: number;
}

const triesOfModel = 3;

/**
 * Makes an index anew from the registry: every document, then every vector of the configured model, which serves from then
 * on. Searches go on meanwhile, by what there was before, and so do gateways on the same data. It can be killed at any
 * moment: what is there serves on, and the next one, or the keeper of a gateway, finishes it.
 *
 * Waits while another process embeds. Answers the model's id.
 * @throws what the store or the index does, and what the model does three times in a row
 */
export async function rebuild(deps: RebuildDeps, options: RebuildOptions = {}): Promise<string> {
  const { index, embedders, source } = deps;
  const { signal = new AbortController().signal, progress } = options;
  await passOverAll(deps, { signal, progress: (done, total) => progress?.('documents', done, total) });
  const embedder = await embedders.open(source);
  const modelId = embedder.model.id;
  let done = 0;
  await withLease(index, crypto.randomUUID(), signal, async (held) => {
    await beginSet(deps, embedder);
    await index.outdate(modelId);
    const fill = (oneByOne: boolean) =>
      fillSet(deps, embedder, {
        signal: held,
        oneByOne,
        progress(put, left) {
          done += put;
          progress?.('vectors', done, done + left);
        },
      });
    do await retrying(fill, options, held);
    while (!held.aborted && !(await index.serve(modelId)));
  });
  return modelId;
}

async function retrying(
  fill: (oneByOne: boolean) => ReturnType<typeof fillSet>,
  { retryMs = 1_000 }: RebuildOptions,
  signal: FillOptions['signal'],
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await fill(attempt === triesOfModel);
      return;
    } catch (error) {
      if (attempt === triesOfModel || signal.aborted) throw error;
      await pause(retryMs * 2 ** (attempt - 1), signal);
    }
  }
}
