/** A model, and every choice that changes its vectors: two of one `id` give the same vector for the same text. */
export interface EmbeddingModel {
  /** Such as `use-lite` or `bedrock:amazon.titan-embed-text-v2:0:512`. */
  id: string;
  dimensions: number;
}

/** Where a model is, without secrets: enough to open it again, as long as old vectors serve beside new ones. */
export type EmbedderSource =
  | { kind: 'use-lite' }
  | { kind: 'bedrock'; modelId: string; dimensions: number }
  | { kind: 'openai'; url: string; model: string; dimensions: number }
  | { kind: 'onnx'; folder: string };

/** Several models want to know which side of a search a text is on. */
export type EmbeddingPurpose = 'query' | 'document';

/** Turns texts into vectors. The outside of one model, with what it costs: memory, a thread, calls that are paid for. */
export interface Embedder {
  readonly model: EmbeddingModel;
  /**
   * One vector a text, in their order, each of length 1. Queries go before documents that wait.
   * @param texts not blank, 1 to 64
   * @throws GatewayError `search_unavailable` where the model cannot be reached, is overloaded or answers nonsense
   */
  embed(texts: readonly string[], purpose: EmbeddingPurpose): Promise<Float32Array[]>;
  close(): Promise<void>;
}
