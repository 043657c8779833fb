import type { Writable } from 'node:stream';

/** What an invocation knows of itself, as far as it is read. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

/** What a streaming function answers by. Every byte written reaches API Gateway, the prelude among them. */
export type LambdaResponseStream = Writable & {
  /** Before the first write. */
  setContentType(type: string): void;
};

export type StreamingHandler = (
  event: unknown,
  stream: LambdaResponseStream,
  context: LambdaContext,
) => Promise<void>;

declare global {
  /** Lambda's Node runtime sets it before it loads the function. */
  const awslambda: {
    /** Marks a handler as one that streams. */
    streamifyResponse(handler: StreamingHandler): unknown;
  };
}
