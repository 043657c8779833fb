import type { UpstreamRequest, UpstreamResponse } from '../ports.ts';
import type { AgentInterface } from '../protocol/card.ts';
import type { CoreAnswer, CoreCall } from './core-call.ts';

/** What is sent to an agent, beside the headers every call has. */
export interface WireRequest extends Pick<UpstreamRequest, 'method' | 'url' | 'headers' | 'body'> {
  /** As `ForwardedCall.grpc`. */
  grpc?: true;
}

export interface AnswerLimits {
  maxAnswerBytes: number;
  maxEventBytes: number;
}

/** How a binding and version is spoken by a client. */
export interface AgentDialect {
  /** @throws GatewayError `operation_unsupported` where the protocol has no such operation */
  write(call: CoreCall, to: AgentInterface): WireRequest;
  /**
   * Another way to ask, where the agent did not know the first.
   * @param status of its answer
   * @param answer undefined where it could not be read
   */
  writeAgain?(
    call: CoreCall,
    to: AgentInterface,
    status: number,
    answer: CoreAnswer | undefined,
  ): WireRequest | undefined;
  /** Whether the answer is a stream. An agent may answer a streaming operation with a single result or error. */
  isStream(response: UpstreamResponse): boolean;
  /** @throws GatewayError `upstream_response_invalid`, `upstream_unavailable` and those of reading a body */
  readAnswer(response: UpstreamResponse, call: CoreCall, limits: AnswerLimits): Promise<CoreAnswer>;
  /** Events as they come. Leaving the loop closes the connection. @throws GatewayError as readAnswer */
  readEvents(response: UpstreamResponse, call: CoreCall, limits: AnswerLimits): AsyncIterable<CoreAnswer>;
}
