import { jsonRpcWords } from '../../bridge/callers/jsonrpc.ts';
import { formOf } from '../../bridge/forms.ts';
import { type Result, unwrap } from '../../failure.ts';
import { idsOfRequest } from '../../protocol/call-ids.ts';
import type { AgentInterface } from '../../protocol/card.ts';
import { rpcErrorBody } from '../../protocol/errors.ts';
import { parseExact } from '../../protocol/exact-json.ts';
import { checkGuardedValues, hasInlinePush } from '../../protocol/guarded.ts';
import { withInlinePush } from '../../protocol/inline-push.ts';
import { isRecord } from '../../protocol/json.ts';
import {
  parseRpcCall,
  type RpcCall,
  type RpcRefusal,
  unknownId,
  withTenant,
} from '../../protocol/jsonrpc.ts';
import { messageSkill } from '../../protocol/message-skill.ts';
import { namedIds } from '../../protocol/named-ids.ts';
import { withRpcId } from '../../protocol/rpc-events.ts';
import type { ServedVersion } from '../../protocol/version.ts';
import { isEventStream, readRpcAnswer } from '../../proxy/answer.ts';
import type { ForwardedResponse } from '../../proxy/forward.ts';
import { upstreamHeaders } from '../../proxy/headers.ts';
import { learnFrom } from '../../proxy/learning.ts';
import type { Agent } from '../../registry/agent.ts';
import { admit, factsOf, permit } from '../admission.ts';
import { answerBody, answerMissed, answerStream, type CallersStream, type StreamWords } from '../answer.ts';
import { readText, requireJson } from '../body.ts';
import { extendedCardText } from '../extended-card.ts';
import { countCall, maxBodyBytesOf } from '../metering.ts';
import { type PermittedCall, perform } from '../perform.ts';
import { rpcRefusal, toGatewayError } from '../respond.ts';
import type { Call, Route } from '../route.ts';
import type { Services } from '../services.ts';
import { isAmbiguous, versionOf } from '../version.ts';

/** The JSON-RPC endpoint of an agent (A2A §9), with and without a trailing slash. */
export const rpcRoutes: readonly Route[] = ['/agents/{agentId}', '/agents/{agentId}/'].map((path) => ({
  method: 'POST',
  path,
  access: 'own',
  summary: 'A2A JSON-RPC',
  answers: [200],
  handle: handleRpc,
}));

const binding = 'JSONRPC';

async function handleRpc(call: Call, services: Services): Promise<Response> {
  let idText = unknownId;
  try {
    const admission = await admit(call, services);
    await countCall(call, admission, services);
    requireJson(call.request);
    const asked = versionOf(call, admission.agent);
    const text = await readText(call, maxBodyBytesOf(admission, services));
    const parsed = readCall(text, asked, call, admission.agent);
    idText = parsed.ok ? parsed.value.idText : parsed.idText;
    unwrap(asked);
    const rpc = unwrap(parsed);
    call.note.operation = rpc.operation.name;
    unwrap(checkGuardedValues(rpc.params, rpc.guarded, 'params.'));
    const permitted = permittedOf(call, rpc, services);
    permit(call, admission, permitted);
    return await perform(call, permitted, admission, services);
  } catch (thrown) {
    return rpcRefusal(call, toGatewayError(thrown), idText, services);
  }
}

/** A version that is refused is refused under the call's own id, which every version spells alike. */
function readCall(
  text: string,
  asked: Result<ServedVersion>,
  call: Call,
  agent: Agent,
): { ok: true; value: RpcCall } | RpcRefusal {
  const parsed = parseRpcCall(text, asked.ok ? asked.value : '1.0');
  if (parsed.ok || parsed.failure.code !== 'operation_unknown' || !isAmbiguous(call, agent)) return parsed;
  // No method has the same name in both versions, so that a name says which is meant.
  return parseRpcCall(text, '1.0');
}

function permittedOf(call: Call, rpc: RpcCall, services: Services): PermittedCall {
  const { operation, version, idText } = rpc;
  const form = () => formOf(version, binding);
  return {
    operation,
    binding,
    version,
    request: rpc.params,
    named: namedIds(rpc.naming, [rpc.params]),
    bringsPush: hasInlinePush(rpc.params, rpc.guarded),
    skillId: () => unwrap(messageSkill(rpc.text, { version, binding })),
    streamWords: streamWords(idText),
    toCore: async () => (await form()).toCoreRequest(operation, exactParams(rpc.text)),
    words: async () => jsonRpcWords(idText, await form()),
    async exchange(to, stream, push) {
      const sent = push === undefined ? rpc : withPush(rpc, push);
      return answerRpc(call, rpc, await forwardRpc(call, sent, to, stream), stream, services);
    },
  };
}

function streamWords(idText: string): StreamWords {
  return {
    failureEvent: (failure) => rpcErrorBody(failure, idText),
    resultOf,
    asAnswers: (events) => withRpcId(events, idText),
  };
}

function exactParams(text: string): Record<string, unknown> {
  const body = parseExact(text);
  return isRecord(body) && isRecord(body.params) ? body.params : {};
}

/** Read anew, because the members behind the configuration stand elsewhere then. */
function withPush({ text, version }: RpcCall, push: string): RpcCall {
  return unwrap(parseRpcCall(withInlinePush(text, push, { version, binding, within: 'params.' }), version));
}

function forwardRpc(
  call: Call,
  rpc: RpcCall,
  to: AgentInterface,
  { admission, caller }: CallersStream,
): Promise<ForwardedResponse> {
  const { agent, forward } = admission;
  const { operation, version } = rpc;
  const { requestId, request } = call;
  return forward({
    agent,
    operation,
    ids: idsOfRequest(rpc.params),
    facts: factsOf(call, admission),
    method: 'POST',
    url: new URL(to.url),
    headers: upstreamHeaders(request.headers, {
      binding,
      operation,
      version,
      requestId,
      hasBody: true,
    }),
    body: withTenant(rpc, to.tenant),
    caller,
  });
}

async function answerRpc(
  call: Call,
  rpc: RpcCall,
  upstream: ForwardedResponse,
  stream: CallersStream,
  services: Services,
): Promise<Response> {
  if (rpc.operation.streams && isEventStream(upstream)) return answerStream(call, upstream, stream, services);
  const { admission, resumption, words, look } = stream;
  const answer = await readRpcAnswer(upstream, rpc, services.config.limits.maxAnswerBytes);
  const result = resultOf(answer.value);
  if (result === undefined && resumption !== undefined)
    return answerMissed(call, upstream, resumption, words);
  await learnFrom(upstream, result, { look, recorder: call.note });
  const isCard = rpc.operation.capability === 'extendedAgentCard';
  // A null result is written anew like any other: the text may hold another under the same name.
  if (result === undefined || isError(answer.value) || !isCard) {
    return answerBody(call, upstream, answer.status, answer.text);
  }
  const spoken = { protocolVersion: rpc.version, protocolBinding: binding } as const;
  const rewritten = await extendedCardText(result, spoken, admission, services);
  const body = `{"jsonrpc":"2.0","id":${rpc.idText},"result":${rewritten}}`;
  return answerBody(call, upstream, answer.status, body);
}

function isError(answer: unknown): boolean {
  return isRecord(answer) && isRecord(answer.error);
}

function resultOf(answer: unknown): unknown {
  return isRecord(answer) ? answer.result : undefined;
}
