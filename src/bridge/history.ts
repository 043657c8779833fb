import type { AgentInterface } from '../protocol/card.ts';
import { isRecord } from '../protocol/json.ts';
import type { CoreAnswer, CoreCall, JsonObject } from './core-call.ts';

/**
 * Whether a call asks for a task without its history (A2A §3.2.4) where the agent cannot be asked: in the proto of 0.3,
 * which its HTTP+JSON and gRPC spell, 0 stands for all of it.
 */
export function wantsHistoryLeftOut(
  { operation, request }: CoreCall,
  { protocolBinding, protocolVersion }: Pick<AgentInterface, 'protocolBinding' | 'protocolVersion'>,
): boolean {
  if (protocolVersion !== '0.3' || protocolBinding === 'JSONRPC') return false;
  const asked = operation.name === 'GetTask' ? request : request.configuration;
  return isRecord(asked) && asked.historyLength === 0;
}

/** An answer without the history of the task in it. */
export function withoutHistory(answer: CoreAnswer): CoreAnswer {
  if (!answer.ok) return answer;
  const { task } = answer.result;
  return { ok: true, result: isRecord(task) ? { ...answer.result, task: left(task) } : left(answer.result) };
}

function left({ history: _, ...rest }: JsonObject): JsonObject {
  return rest;
}

export async function* eventsWithoutHistory(events: AsyncIterable<CoreAnswer>): AsyncGenerator<CoreAnswer> {
  for await (const event of events) yield withoutHistory(event);
}
