import type { Operation } from '../protocol/operations.ts';
import type { AgentError } from './agent-error.ts';

/** A JSON object as parsed. Members nobody here knows stay in it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * A call in the words of A2A 1.0, the form in the middle of the bridge: whatever binding and version it came in and
 * whatever the agent speaks, it passes through this one.
 */
export interface CoreCall {
  operation: Operation;
  /** The request object in ProtoJSON, what path and query bind among its members; no `tenant`. */
  request: JsonObject;
}

/**
 * What an agent answered, or one event of its stream: a result in the words of 1.0 or an error. The result of a
 * deletion is an empty object.
 */
export type CoreAnswer = { ok: true; result: JsonObject } | { ok: false; error: AgentError };
