import { ask, type BridgedAnswer } from '../bridge/bridge.ts';
import { BridgedResponse, BridgedStream } from '../bridge/bridged-response.ts';
import type { CallerWords, Worded } from '../bridge/caller-words.ts';
import type { CoreAnswer, CoreCall, JsonObject } from '../bridge/core-call.ts';
import { dialectOf } from '../bridge/dialects.ts';
import { withFirstEvent } from '../bridge/first-event.ts';
import type { Plan } from '../bridge/plan.ts';
import { idsOfRequest } from '../protocol/call-ids.ts';
import { withPlainNumbers } from '../protocol/exact-json.ts';
import { operationOf } from '../protocol/operations.ts';
import type { Binding } from '../protocol/protocols.ts';
import type { ServedVersion } from '../protocol/version.ts';
import type { ForwardedResponse } from '../proxy/forward.ts';
import { upstreamHeaders } from '../proxy/headers.ts';
import { learnFrom } from '../proxy/learning.ts';
import { type Admission, factsOf } from './admission.ts';
import { answerMissed, answerStream, answerWorded, type CallersStream } from './answer.ts';
import { extendedCardText } from './extended-card.ts';
import { type Call, waiting } from './route.ts';
import type { Services } from './services.ts';

/** A permitted call whose agent speaks otherwise than its caller. */
export interface BridgedCall extends CoreCall {
  plan: Plan;
  words: CallerWords;
  /** The caller's. */
  version: ServedVersion;
  binding: Binding;
}

/**
 * Asks the agent in its own protocol and answers the caller in theirs.
 * @throws GatewayError of forwarding and of reading the agent's answer
 */
export async function answerBridged(
  call: Call,
  bridged: BridgedCall,
  callers: CallersStream,
  services: Services,
): Promise<Response> {
  const { admission, resumption, words, caller, look } = callers;
  const asked = await askAgent(call, bridged, bridged, { admission, caller }, services);
  // Who comes again for what they missed need not wait for the agent to speak.
  const isWaitedFor = 'events' in asked && resumption === undefined;
  const begun = isWaitedFor ? await firstRead(asked, bridged, services) : asked;
  if ('events' in begun) return stream(call, bridged, begun, callers, services);
  const { upstream, answer } = begun;
  if (answer.ok && bridged.operation.streams) {
    const events = (async function* () {
      yield answer;
    })();
    return stream(call, bridged, { upstream, events }, callers, services);
  }
  if (!answer.ok && resumption !== undefined)
    return answerMissed(call, new BridgedResponse(upstream, bridged.version), resumption, words);
  if (answer.ok) await learnFrom(upstream, answer.result, { look, recorder: call.note });
  const worded = answer.ok
    ? await wordedResult(answer.result, bridged, admission, services)
    : bridged.words.error(answer.error);
  return answerWorded(call, new BridgedResponse(upstream, bridged.version), worded);
}

/** Asks the agent in its own protocol. @throws GatewayError of forwarding and of reading the agent's answer */
export async function askAgent(
  call: Call,
  { operation, request }: CoreCall,
  { plan, version }: Pick<BridgedCall, 'plan' | 'version'>,
  { admission, caller }: Pick<CallersStream, 'admission' | 'caller'>,
  { config }: Services,
): Promise<BridgedAnswer> {
  const { agent, forward } = admission;
  const { protocolBinding: binding, protocolVersion, to } = plan;
  return ask(
    { operation, request },
    {
      dialect: await dialectOf(plan),
      to,
      limits: config.limits,
      send({ headers, ...wire }) {
        const { requestId } = call;
        const common = {
          binding,
          operation,
          version: protocolVersion,
          asked: version,
          requestId,
          hasBody: false,
        };
        return forward({
          agent,
          operation,
          ids: idsOfRequest(request),
          facts: factsOf(call, admission),
          ...wire,
          headers: { ...upstreamHeaders(call.request.headers, common), ...headers },
          caller,
        });
      },
    },
  );
}

/**
 * Some agents of 0.3 tell of a subscription that cannot be in the first event of a stream. It is there at once, so the first
 * event is waited for, and an error answered as one. A subscription that can be may have its first event in an hour, so it is
 * not waited for longer than a stream may be silent. Not at all for a message, whose first event may take the agent's time.
 */
async function firstRead(
  { upstream, events }: Extract<BridgedAnswer, { events: unknown }>,
  { operation }: CoreCall,
  { config }: Services,
): Promise<BridgedAnswer> {
  if (!operation.reads) return { upstream, events };
  const begun = await withFirstEvent(events, config.streams.keepAliveMs);
  if (begun.first?.ok !== false) return { upstream, events: begun.events };
  upstream.close();
  return { upstream, answer: begun.first };
}

function stream(
  call: Call,
  bridged: BridgedCall,
  { upstream, events }: { upstream: ForwardedResponse; events: AsyncIterable<CoreAnswer> },
  callers: CallersStream,
  services: Services,
): Response {
  const { version, words } = bridged;
  const getTask = (taskId: string) => taskOf(call, taskId, bridged, callers.admission, services);
  const answer = new BridgedStream(upstream, version, { events, words, getTask });
  return answerStream(call, answer, callers, services);
}

/**
 * The task of the caller's own stream. Undefined to whom may not read tasks, whatever they may see of them in a stream, and
 * where the agent does not give it at once: the events behind it wait, and an agent may tell of a task only when it is done
 * with it.
 */
async function taskOf(
  call: Call,
  taskId: string,
  bridged: BridgedCall,
  admission: Admission,
  services: Services,
): Promise<JsonObject | undefined> {
  const operation = operationOf('GetTask');
  if (!admission.granted.has(operation.permission)) return undefined;
  const getTask = { operation, request: { id: taskId } };
  const late = AbortSignal.timeout(services.config.streams.keepAliveMs);
  const caller = { signal: AbortSignal.any([waiting(call).signal, late]) };
  try {
    const asked = await askAgent(call, getTask, bridged, { admission, caller }, services);
    return 'answer' in asked && asked.answer.ok ? asked.answer.result : undefined;
  } catch {
    return undefined; // The stream goes on: what its event says of the task will do.
  }
}

async function wordedResult(
  result: JsonObject,
  { operation, words, version, binding }: BridgedCall,
  admission: Admission,
  services: Services,
): Promise<Worded> {
  const spoken = { protocolVersion: version, protocolBinding: binding };
  if (operation.capability === 'extendedAgentCard')
    return words.spelled(await extendedCardText(withPlainNumbers(result), spoken, admission, services));
  return words.result(operation, result);
}
