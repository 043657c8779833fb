import { unwrap } from '../../failure.ts';
import { type CallIds, idsOfRequest } from '../../protocol/call-ids.ts';
import { restErrorBody } from '../../protocol/errors.ts';
import { hasInlinePush } from '../../protocol/guarded.ts';
import { isRecord } from '../../protocol/json.ts';
import type { RestRoute } from '../../protocol/operations.ts';
import { matchRest, parseRestBody, type RestBody, type RestMatch } from '../../protocol/rest.ts';
import type { ServedVersion } from '../../protocol/version.ts';
import { isEventStream, type JsonAnswer, readRestAnswer } from '../../proxy/answer.ts';
import type { ForwardedResponse } from '../../proxy/forward.ts';
import { upstreamHeaders } from '../../proxy/headers.ts';
import { learnFrom } from '../../proxy/learning.ts';
import { upstreamQuery } from '../../proxy/query.ts';
import { interfaceOf, restUrl } from '../../proxy/target.ts';
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
import { restRefusal, toGatewayError } from '../respond.ts';
import { resumptionOf, type StreamCall } from '../resumption.ts';
import { needsRewriting, rewriteResult } from '../rewrite.ts';
import type { Call, Route } from '../route.ts';
import type { Services } from '../services.ts';
import { callerOfStream } from '../stream-caller.ts';
import { versionOf } from '../version.ts';

/** The HTTP+JSON binding of an agent (A2A §11): every operation below its path. */
export const restRoutes: readonly Route[] = [
  {
    method: 'ALL',
    path: '/agents/{agentId}/{operation...}',
    access: 'own',
    summary: 'A2A HTTP+JSON',
    answers: [200, 201, 204],
    handle: handleRest,
  },
];

type RestMethod = RestRoute['method'];

interface RestCall extends RestMatch {
  version: ServedVersion;
  query: string;
  body: RestBody | undefined;
}

/** Here an event is its result. */
const restWords: StreamWords = { errorBody: restErrorBody, resultOf: (event) => event };

async function handleRest(call: Call, services: Services): Promise<Response> {
  try {
    const admission = await admit(call, services);
    const rest = await readRest(call, admission, services);
    call.note.operation = rest.operation.name;
    permit(admission, rest.operation, hasInlinePush(rest.body?.value, rest.operation.guarded));
    const stream = callersStream(call, rest, admission, services);
    if (stream.resumption?.feed !== undefined)
      return answerHeld(call, stream.resumption.feed, stream, services);
    return await exchange(call, rest, rest.operation.rest.method, stream, services);
  } catch (thrown) {
    return restRefusal(call, toGatewayError(thrown), services);
  }
}

async function readRest(call: Call, { agent }: Admission, { config }: Services): Promise<RestCall> {
  const match = unwrap(matchRest(call.request.method, `/${call.params.operation}`));
  const version = unwrap(versionOf(call, agent, 'HTTP+JSON'));
  const query = unwrap(upstreamQuery(call.query, match.operation, Object.keys(match.bindings)));
  if (match.operation.body === 'none') return { ...match, version, query, body: undefined };
  requireJson(call.request);
  const text = await readText(call.request, config.limits.maxBodyBytes);
  return { ...match, version, query, body: unwrap(parseRestBody(text, match)) };
}

async function exchange(
  call: Call,
  rest: RestCall,
  method: RestMethod,
  stream: CallersStream,
  services: Services,
): Promise<Response> {
  const { operation } = rest;
  const upstream = await forwardRest(call, rest, method, stream);
  if (operation.streams && isEventStream(upstream)) return answerStream(call, upstream, stream, services);
  const reading = readRestAnswer(upstream, services.config.limits.maxAnswerBytes);
  // Agents that follow the proto take `:subscribe` by GET only; the prose says POST (A2A §11.3.2).
  const otherMethod = method === 'POST' ? operation.rest.alsoMethods?.[0] : undefined;
  if (otherMethod !== undefined && (await isRouteMissing(upstream.status, reading))) {
    return exchange(call, { ...rest, body: undefined }, otherMethod, stream, services);
  }
  return answerRest(call, stream, upstream, await reading, services);
}

function callersStream(call: Call, rest: RestCall, admission: Admission, services: Services): CallersStream {
  const { operation, version } = rest;
  const { taskId } = idsOf(rest);
  const caller = callerOfStream(call, operation, services);
  const about: StreamCall = { operation, binding: 'HTTP+JSON', version, taskId };
  return {
    ...about,
    admission,
    words: restWords,
    caller,
    resumption: resumptionOf(call, admission, about, services),
  };
}

/** A 404 that gives details is the agent's word on the task; one without is a missing route. */
async function isRouteMissing(status: number, reading: Promise<JsonAnswer>): Promise<boolean> {
  if (status !== 404 && status !== 405) return false;
  const { value } = await reading.catch(() => ({ value: undefined }));
  const error = isRecord(value) ? value.error : undefined;
  return status === 405 || !(isRecord(error) && Array.isArray(error.details));
}

function forwardRest(
  call: Call,
  rest: RestCall,
  method: RestMethod,
  { admission, caller }: CallersStream,
): Promise<ForwardedResponse> {
  const { agent, forward } = admission;
  const { request, requestId } = call;
  const { operation, bindings, version, query, body } = rest;
  const hasBody = body !== undefined;
  return forward({
    agent,
    operation,
    ids: idsOf(rest),
    facts: factsOf(call, admission),
    method,
    url: restUrl(interfaceOf(agent, 'HTTP+JSON', version), operation, bindings, query),
    headers: upstreamHeaders(request.headers, {
      binding: 'HTTP+JSON',
      operation,
      version,
      requestId,
      hasBody,
    }),
    ...(hasBody && { body: body.text }),
    caller,
  });
}

/** What a call is about may stand in its path, its query or its body. */
function idsOf({ bindings, query, body }: RestCall): CallIds {
  return idsOfRequest({ ...Object.fromEntries(new URLSearchParams(query)), ...body?.value, ...bindings });
}

async function answerRest(
  call: Call,
  { operation, version, admission, resumption, words }: CallersStream,
  upstream: ForwardedResponse,
  answer: JsonAnswer,
  services: Services,
): Promise<Response> {
  const isSuccess = answer.status >= 200 && answer.status < 300;
  if (!isSuccess && resumption !== undefined) return answerMissed(call, upstream, resumption, words);
  if (isSuccess) await learnFrom(upstream, answer.value);
  if (!isSuccess || !isRecord(answer.value) || !needsRewriting(operation, admission.agent)) {
    return answerBody(call, upstream, answer.status, answer.text);
  }
  const rewritten = await rewriteResult(answer.value, operation, version, admission, services);
  return answerBody(call, upstream, answer.status, rewritten);
}
