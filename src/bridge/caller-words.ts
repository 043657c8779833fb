import type { Failure } from '../failure.ts';
import type { Operation } from '../protocol/operations.ts';
import type { AgentError } from './agent-error.ts';
import type { JsonObject } from './core-call.ts';

/** A JSON answer as a binding words it. */
export interface Worded {
  status: number;
  contentType: string;
  body: string;
}

/** How a binding and version is spoken by a server, to the caller of one call. */
export interface CallerWords {
  result(operation: Operation, result: JsonObject): Worded;
  /** A result that is spelled already, in the caller's version. */
  spelled(result: string): Worded;
  error(error: AgentError): Worded;
  /** The data of an event. @param isFinal nothing more comes on this stream */
  event(event: JsonObject, isFinal: boolean): string;
  /** The data of an event by which the agent tells of an error. */
  errorEvent(error: AgentError): string;
  /** The data of an event that tells of a failure of the gateway in mid-stream. */
  failureEvent(failure: Failure): string;
  /** Takes the result out of the data of such an event. */
  resultOf(event: unknown): unknown;
}
