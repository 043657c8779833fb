import { resolve } from 'node:path';
import type { Upstream } from '../../ports.ts';
import type { Embedder, EmbedderSource } from '../embedder.ts';
import { asUnavailable } from './text-queue.ts';

export interface EmbeddersOptions {
  /** The way to endpoints in the style of OpenAI; without it none can be opened. */
  upstream?: Upstream;
  /** The settings of that name. The key is sent to this URL only: a source kept from before may name another. */
  openai?: { url?: string | undefined; apiKey?: string | undefined };
}

export interface Embedders {
  /**
   * The embedder of a source: made when first asked for, the same one from then on, and tried again with the next call
   * where it could not be made. The models themselves are reached with the first text, but for ONNX.
   * @throws GatewayError `search_unavailable` with the reason as its cause
   */
  open(source: EmbedderSource): Promise<Embedder>;
  /** Closes all that were opened; nothing can be opened after. */
  close(): Promise<void>;
}

/** A kind's code, and the SDK it may need, is loaded when one of that kind is opened. */
export function createEmbedders({ upstream, openai = {} }: EmbeddersOptions): Embedders {
  const opened = new Map<string, Promise<Embedder>>();
  let isClosed = false;

  async function create(source: EmbedderSource): Promise<Embedder> {
    switch (source.kind) {
      case 'use-lite': {
        const { createUseLiteEmbedder } = await import('./use-lite.ts');
        return createUseLiteEmbedder();
      }
      case 'bedrock': {
        const { createBedrockClient, createBedrockEmbedder } = await import('./bedrock.ts');
        return createBedrockEmbedder({ ...source, client: createBedrockClient() });
      }
      case 'openai': {
        if (upstream === undefined) throw new TypeError('no upstream to reach the endpoint by');
        const { createOpenAiEmbedder } = await import('./openai.ts');
        const { url, apiKey } = openai;
        const isKeyFor = apiKey !== undefined && url === source.url;
        return createOpenAiEmbedder({ ...source, upstream, ...(isKeyFor && { apiKey }) });
      }
      case 'onnx': {
        const { openOnnxEmbedder } = await import('./onnx.ts');
        return openOnnxEmbedder(source.folder);
      }
    }
  }

  return {
    async open(source) {
      if (isClosed) throw asUnavailable(new Error('the embedders are closed'));
      const key = JSON.stringify(Object.entries(source).sort());
      const known = opened.get(key) ?? create(source);
      opened.set(key, known);
      try {
        return await known;
      } catch (error) {
        if (opened.get(key) === known) opened.delete(key);
        throw asUnavailable(error);
      }
    },
    async close() {
      isClosed = true;
      const all = await Promise.allSettled(opened.values());
      await Promise.all(all.map((one) => one.status === 'fulfilled' && one.value.close()));
    },
  };
}

/** The part of the settings' `search` that tells which embedder is meant. */
export interface EmbedderSettings {
  embedder?: EmbedderSource['kind'] | undefined;
  bedrock: { modelId: string; dimensions: number };
  openai: { url?: string | undefined; model?: string | undefined; dimensions?: number | undefined };
  onnx: { folder?: string | undefined };
}

/**
 * Where the embedder of these settings is. Where they name none it is Bedrock beside DynamoDB, else the one that comes
 * along.
 * @throws TypeError where a value is missing; the settings' schema lets none be
 */
export function sourceOf(settings: EmbedderSettings, store: 'sqlite' | 'dynamodb'): EmbedderSource {
  const kind = settings.embedder ?? (store === 'dynamodb' ? 'bedrock' : 'use-lite');
  switch (kind) {
    case 'use-lite':
      return { kind };
    case 'bedrock':
      return { kind, modelId: settings.bedrock.modelId, dimensions: settings.bedrock.dimensions };
    case 'openai': {
      const { url, model, dimensions } = settings.openai;
      if (url === undefined || model === undefined || dimensions === undefined) {
        throw new TypeError('search.openai needs url, model and dimensions');
      }
      return { kind, url, model, dimensions };
    }
    case 'onnx': {
      const { folder } = settings.onnx;
      if (folder === undefined) throw new TypeError('search.onnx needs a folder');
      // Kept with the vectors, and perhaps read where the working directory is another.
      return { kind, folder: resolve(folder) };
    }
  }
}
