import type { AgentInterface } from '../protocol/card.ts';
import type { ForwardedResponse } from '../proxy/forward.ts';
import type { AgentDialect, AnswerLimits, WireRequest } from './agent-dialect.ts';
import type { CoreAnswer, CoreCall } from './core-call.ts';
import { eventsWithoutHistory, wantsHistoryLeftOut, withoutHistory } from './history.ts';

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
  const upstream = await send(dialect.write(call, to));
  const reading = read(call, upstream, deps);
  const again = await anotherWay(call, upstream.status, reading, deps);
  return again === undefined ? reading : read(call, await send(again), deps);
}

/** A server that does not know a path need not say so in JSON, so that an answer that cannot be read may be that too. */
async function anotherWay(
  call: CoreCall,
  status: number,
  reading: Promise<BridgedAnswer>,
  { dialect, to }: BridgeDeps,
): Promise<WireRequest | undefined> {
  if (dialect.writeAgain === undefined) return undefined;
  const told = await reading.catch(() => undefined);
  if (told !== undefined && 'events' in told) return undefined;
  return dialect.writeAgain(call, to, status, told?.answer);
}

async function read(
  call: CoreCall,
  upstream: ForwardedResponse,
  { dialect, limits, to }: BridgeDeps,
): Promise<BridgedAnswer> {
  const isTooMuch = wantsHistoryLeftOut(call, to);
  if (call.operation.streams && dialect.isStream(upstream)) {
    const events = dialect.readEvents(upstream, call, limits);
    return { upstream, events: isTooMuch ? eventsWithoutHistory(events) : events };
  }
  const answer = await dialect.readAnswer(upstream, call, limits);
  return { upstream, answer: isTooMuch ? withoutHistory(answer) : answer };
}
