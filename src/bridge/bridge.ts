import type { AgentInterface } from '../protocol/card.ts';
import type { ForwardedResponse } from '../proxy/forward.ts';
import type { AgentDialect, AnswerLimits, WireRequest } from './agent-dialect.ts';
import type { CoreAnswer, CoreCall } from './core-call.ts';

/** An agent's answer in core: one, or a stream of them. `upstream` holds the call's place until it is closed or read. */
export type BridgedAnswer = { upstream: ForwardedResponse } & (
  | { answer: CoreAnswer }
  | { events: AsyncIterable<CoreAnswer> }
);

export interface BridgeDeps {
  dialect: AgentDialect;
  to: AgentInterface;
  limits: AnswerLimits;
  /** Sends to the agent. @throws GatewayError as `Forward` */
  send(request: WireRequest): Promise<ForwardedResponse>;
}

/**
 * Asks an agent in its own protocol.
 * @throws GatewayError of sending, writing and reading
 */
export async function ask(call: CoreCall, deps: BridgeDeps): Promise<BridgedAnswer> {
  const { dialect, to, send } = deps;
  const first = await read(call, await send(dialect.write(call, to)), deps);
  if ('events' in first) return first;
  const again = dialect.writeAgain?.(call, to, first.upstream.status, first.answer);
  return again === undefined ? first : read(call, await send(again), deps);
}

async function read(
  call: CoreCall,
  upstream: ForwardedResponse,
  { dialect, limits }: BridgeDeps,
): Promise<BridgedAnswer> {
  if (call.operation.streams && dialect.isStream(upstream))
    return { upstream, events: dialect.readEvents(upstream, call, limits) };
  return { upstream, answer: await dialect.readAnswer(upstream, call, limits) };
}
