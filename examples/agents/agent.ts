import { A2A_CONTENT_TYPE, AGENT_CARD_PATH as CARD_PATH } from '@a2a-js/sdk';
import { A2A_ERROR_CODE, RequestMalformedError, toJsonRpcError, toRestErrorBody } from '@a2a-js/sdk/errors';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import type { TokenGate } from './token-gate.ts';

/** An A2A server still without an address: the address is known once the port is, and the card must name it. */
export interface ExampleAgent {
  agentId: string;
  /** Of the interfaces its card lists. */
  protocolVersion: '1.0' | '0.3';
  mount(app: Express, at: { baseUrl: string; gate?: TokenGate }): void;
  /** Ends the work in progress; its tasks are canceled. */
  stop(): void;
}

export const AGENT_CARD_PATH = `/${CARD_PATH}`;

const maxBodySize = '10mb';

/**
 * Reads JSON bodies before the SDK does: its own reader stops at 100 kB and answers what it refuses in HTML.
 * It leaves a body alone that has been read.
 */
export function jsonBody(binding: 'jsonrpc' | 'rest'): [RequestHandler, ErrorRequestHandler] {
  const read = express.json({
    limit: maxBodySize,
    type: ['application/json', A2A_CONTENT_TYPE],
    strict: false,
  });
  const refuse: ErrorRequestHandler = (error, _request, response, _next) => {
    // body-parser marks what it throws with a status: 400 for a malformed body, 413 for one too large.
    const status = typeof error?.status === 'number' ? error.status : 500;
    const refusal = new RequestMalformedError(
      status === 413 ? 'The body is too large.' : 'The body is not JSON.',
    );
    if (binding === 'rest') response.status(status).json(toRestErrorBody(refusal, status));
    else response.status(status).json({ jsonrpc: '2.0', id: null, error: rpcErrorOf(refusal, status) });
  };
  return [read, refuse];
}

/** What is no JSON has a code of its own (JSON-RPC 2.0 §5.1), which the SDK has not. */
function rpcErrorOf(refusal: RequestMalformedError, status: number) {
  const error = toJsonRpcError(refusal);
  return status === 400 ? { ...error, code: A2A_ERROR_CODE.PARSE_ERROR } : error;
}
