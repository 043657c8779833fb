import { unwrap } from '../../failure.ts';
import { idsOfRequest } from '../../protocol/call-ids.ts';
import { rpcErrorBody } from '../../protocol/errors.ts';
import { checkGuardedValues, hasInlinePush } from '../../protocol/guarded.ts';
import { isRecord } from '../../protocol/json.ts';
import { parseRpcCall, type RpcCall, unknownId, withTenant } from '../../protocol/jsonrpc.ts';
import { withRpcId } from '../../protocol/rpc-events.ts';
import { isEventStream, readRpcAnswer } from '../../proxy/answer.ts';
import type { ForwardedResponse } from '../../proxy/forward.ts';
import { upstreamHeaders } from '../../proxy/headers.ts';
import { learnFrom } from '../../proxy/learning.ts';
import { interfaceOf } from '../../proxy/target.ts';
import { type Admission, admit, factsOf, permit } from '../admission.ts';
import {
  answerBody,
  answerHeld,
  answerMissed,
  answerStream,
  type CallersStream,
  type StreamWords,
} from '../answer.ts';
import { readText, requireJson } from '../body.ts';
import { rpcRefusal, toGatewayError } from '../respond.ts';
import { resumptionOf, type StreamCall } from '../resumption.ts';
import { needsRewriting, rewriteResult } from '../rewrite.ts';
import type { Call, Route } from '../route.ts';
import type { Services } from '../services.ts';
import { callerOfStream } from '../stream-caller.ts';
import { versionOf } from '../version.ts';

/** The JSON-RPC endpoint of an agent (A2A §9), with and without a trailing slash. */
export const rpcRoutes: readonly Route[] = ['/agents/{agentId}', '/agents/{agentId}/'].map((path) => ({
  method: 'POST',
  path,
  access: 'own',
  summary: 'A2A JSON-RPC',
  answers: [200],
  handle: handleRpc,
}));

async function handleRpc(call: Call, services: Services): Promise<Response> {
  let idText = unknownId;
  try {
    const admission = await admit(call, services);
    requireJson(call.request);
    const asked = versionOf(call, admission.agent, 'JSONRPC');
    // A version that is refused is refused under the call's own id, which every version spells alike.
    const readAs = asked.ok ? asked.value : '1.0';
    const parsed = parseRpcCall(await readText(call.request, services.config.limits.maxBodyBytes), readAs);
    idText = parsed.ok ? parsed.value.idText : parsed.idText;
    unwrap(asked);
    const rpc = unwrap(parsed);
    call.note.operation = rpc.operation.name;
    unwrap(checkGuardedValues(rpc.params, rpc.guarded, 'params.'));
    permit(admission, rpc.operation, hasInlinePush(rpc.params, rpc.guarded));
    const stream = callersStream(call, rpc, admission, services);
    if (stream.resumption?.feed !== undefined)
      return answerHeld(call, stream.resumption.feed, stream, services);
    const upstream = await forwardRpc(call, rpc, stream);
    return await answerRpc(call, rpc, upstream, stream, services);
  } catch (thrown) {
    return rpcRefusal(call, toGatewayError(thrown), idText, services);
  }
}

function callersStream(call: Call, rpc: RpcCall, admission: Admission, services: Services): CallersStream {
  const { operation, version, params, idText } = rpc;
  const { taskId } = idsOfRequest(params);
  const about: StreamCall = { operation, binding: 'JSONRPC', version, taskId };
  const caller = callerOfStream(call, operation, services);
  const words: StreamWords = {
    errorBody: (failure) => rpcErrorBody(failure, idText),
    resultOf,
    asAnswers: (events) => withRpcId(events, idText),
  };
  return { ...about, admission, words, caller, resumption: resumptionOf(call, admission, about, services) };
}

function forwardRpc(
  call: Call,
  rpc: RpcCall,
  { admission, caller }: CallersStream,
): Promise<ForwardedResponse> {
  const { agent, forward } = admission;
  const { operation, version } = rpc;
  const to = interfaceOf(agent, 'JSONRPC', version);
  const { requestId, request } = call;
  return forward({
    agent,
    operation,
    ids: idsOfRequest(rpc.params),
    facts: factsOf(call, admission),
    method: 'POST',
    url: new URL(to.url),
    headers: upstreamHeaders(request.headers, {
      binding: 'JSONRPC',
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
  const { admission, resumption, words } = stream;
  const answer = await readRpcAnswer(upstream, rpc, services.config.limits.maxAnswerBytes);
  const result = resultOf(answer.value);
  if (result === undefined && resumption !== undefined)
    return answerMissed(call, upstream, resumption, words);
  await learnFrom(upstream, result);
  if (result === undefined || result === null || !needsRewriting(rpc.operation, admission.agent)) {
    return answerBody(call, upstream, answer.status, answer.text);
  }
  const rewritten = await rewriteResult(result, rpc.operation, rpc.version, admission, services);
  const body = `{"jsonrpc":"2.0","id":${rpc.idText},"result":${rewritten}}`;
  return answerBody(call, upstream, answer.status, body);
}

function resultOf(answer: unknown): unknown {
  return isRecord(answer) ? answer.result : undefined;
}
