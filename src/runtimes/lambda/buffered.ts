import type { Log } from '../../ports.ts';
import { type Answerer, internalError } from './answer-event.ts';
import type { LambdaContext } from './awslambda.ts';
import { startDeadline } from './deadline.ts';
import { headOf, type ResponseHead } from './response-head.ts';

/** What a REST API's Lambda proxy integration takes for an answer. */
export interface ProxyResult extends ResponseHead {
  body: string;
  isBase64Encoded: boolean;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * A response as one piece: text as text, anything that is not UTF-8 as base64.
 * @throws whatever the body does
 */
export async function toProxyResult(response: Response): Promise<ProxyResult> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const text = textOf(bytes);
  return {
    ...headOf(response),
    body: text ?? Buffer.from(bytes).toString('base64'),
    isBase64Encoded: text === undefined,
  };
}

export interface BufferedOptions {
  answer: Answerer;
  log: Log;
  /** Waited for before the answer is out, after which the platform may freeze the process. Default: nothing is. */
  settle?(): Promise<void>;
}

/**
 * A handler that answers in one piece, for what is small and never streams. Does not know when its caller leaves:
 * nobody tells a buffered function.
 */
export function createBufferedHandler({
  answer,
  log,
  settle,
}: BufferedOptions): (event: unknown, context: LambdaContext) => Promise<ProxyResult> {
  return async (event, context) => {
    const deadline = startDeadline(context);
    const nobodyLeaves = new AbortController().signal;
    try {
      const response = await answer(event, { signal: nobodyLeaves, deadline: deadline.signal });
      const result = await toProxyResult(response).catch((cause) => toProxyResult(internalError(cause, log)));
      await settle?.();
      return result;
    } finally {
      deadline.dispose();
    }
  };
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
