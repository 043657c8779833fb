import { restWords } from '../../bridge/callers/rest.ts';
import { restRequest } from '../../bridge/callers/rest-request.ts';
import { formOf } from '../../bridge/forms.ts';
import { unwrap } from '../../failure.ts';
import { idsOfRequest } from '../../protocol/call-ids.ts';
import type { AgentInterface } from '../../protocol/card.ts';
import { restFailureBody } from '../../protocol/errors.ts';
import { hasInlinePush } from '../../protocol/guarded.ts';
import { withInlinePush } from '../../protocol/inline-push.ts';
import { isRecord } from '../../protocol/json.ts';
import { messageSkill } from '../../protocol/message-skill.ts';
import { namedIds } from '../../protocol/named-ids.ts';
import type { RestRoute } from '../../protocol/operations.ts';
import {
  matchRest,
  parseRestBody,
  type RestBody,
  type RestMatch,
  restVersionOf,
} from '../../protocol/rest.ts';
import type { ServedVersion } from '../../protocol/version.ts';
import { isEventStream, type JsonAnswer, readRestAnswer } from '../../proxy/answer.ts';
import type { ForwardedResponse } from '../../proxy/forward.ts';
import { upstreamHeaders } from '../../proxy/headers.ts';
import { learnFrom } from '../../proxy/learning.ts';
import { upstreamQuery } from '../../proxy/query.ts';
import { restUrl } from '../../proxy/target.ts';
import { admit, factsOf, permit } from '../admission.ts';
import { answerBody, answerMissed, answerStream, type CallersStream, type StreamWords } from '../answer.ts';
import { jsonTypeFor, readText, requireJson } from '../body.ts';
import { extendedCardText } from '../extended-card.ts';
import { countCall, maxBodyBytesOf } from '../metering.ts';
import { type PermittedCall, perform } from '../perform.ts';
import { restRefusal, toGatewayError } from '../respond.ts';
import type { Call, Route } from '../route.ts';
import type { Services } from '../services.ts';
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

const binding = 'HTTP+JSON';

type RestMethod = RestRoute['method'];

interface RestCall extends RestMatch {
  query: string;
  body: RestBody | undefined;
}

async function handleRest(call: Call, services: Services): Promise<Response> {
  const path = `/${call.params.operation}`;
  const version = restVersionOf(path);
  try {
    const admission = await admit(call, services);
    await countCall(call, admission, services);
    const match = unwrap(matchRest(call.request.method, path));
    unwrap(versionOf(call, admission.agent, [version]));
    const rest = await readRest(call, match, maxBodyBytesOf(admission, services));
    call.note.operation = rest.operation.name;
    const permitted = permittedOf(call, rest, services);
    permit(call, admission, permitted);
    return await perform(call, permitted, admission, services);
  } catch (thrown) {
    return restRefusal(call, toGatewayError(thrown), services, version);
  }
}

async function readRest(call: Call, match: RestMatch, maxBodyBytes: number): Promise<RestCall> {
  const query = unwrap(upstreamQuery(call.query, match));
  if (match.operation.body === 'none') return { ...match, query, body: undefined };
  requireJson(call.request);
  const text = await readText(call, maxBodyBytes);
  return { ...match, query, body: unwrap(parseRestBody(text, match)) };
}

function permittedOf(call: Call, rest: RestCall, services: Services): PermittedCall {
  const { operation, version } = rest;
  return {
    operation,
    binding,
    version,
    request: requestOf(rest),
    named: namedIds(rest.naming, [queryOf(rest), rest.body?.value ?? {}, rest.bindings]),
    bringsPush: hasInlinePush(rest.body?.value, rest.guarded),
    skillId: () =>
      rest.body === undefined ? undefined : unwrap(messageSkill(rest.body.text, { version, binding })),
    streamWords: streamWords(version),
    toCore: () => restRequest(rest, rest),
    words: async () => restWords(version, await formOf(version, binding), jsonTypeFor(call.request, version)),
    async exchange(to, stream, push) {
      const sent = push === undefined ? rest : withPush(rest, push);
      return exchange(call, sent, to, rest.route.method, stream, services);
    },
  };
}

function withPush(rest: RestCall, push: string): RestCall {
  const { body, version } = rest;
  if (body === undefined) return rest;
  const text = withInlinePush(body.text, push, { version, binding, within: '' });
  return { ...rest, body: { ...body, text } };
}

async function exchange(
  call: Call,
  rest: RestCall,
  to: AgentInterface,
  method: RestMethod,
  stream: CallersStream,
  services: Services,
): Promise<Response> {
  const { operation, route } = rest;
  const upstream = await forwardRest(call, rest, to, method, stream);
  if (operation.streams && isEventStream(upstream)) return answerStream(call, upstream, stream, services);
  const reading = readRestAnswer(upstream, services.config.limits.maxAnswerBytes);
  // Agents that follow the proto take `:subscribe` by GET only; the prose says POST (A2A §11.3.2).
  const otherMethod = method === 'POST' ? route.alsoMethods?.[0] : undefined;
  if (otherMethod !== undefined && (await isRouteMissing(upstream.status, reading))) {
    return exchange(call, { ...rest, body: undefined }, to, otherMethod, stream, services);
  }
  return answerRest(call, stream, upstream, await reading, services);
}

/** Here an event is its result. */
function streamWords(version: ServedVersion): StreamWords {
  return { failureEvent: (failure) => restFailureBody(failure, version), resultOf: (event) => event };
}

/** A 404 that gives details, or in 0.3 a code, is the agent's word on the task; one without is a missing route. */
async function isRouteMissing(status: number, reading: Promise<JsonAnswer>): Promise<boolean> {
  if (status !== 404 && status !== 405) return false;
  const { value } = await reading.catch(() => ({ value: undefined }));
  const error = isRecord(value) ? (value.error ?? value) : undefined;
  return status === 405 || !(isRecord(error) && (Array.isArray(error.details) || isRpcCode(error.code)));
}

function isRpcCode(code: unknown): boolean {
  return typeof code === 'number' && code < 0;
}

function forwardRest(
  call: Call,
  rest: RestCall,
  to: AgentInterface,
  method: RestMethod,
  { admission, caller }: CallersStream,
): Promise<ForwardedResponse> {
  const { agent, forward } = admission;
  const { request, requestId } = call;
  const { operation, route, bindings, version, query, body } = rest;
  const hasBody = body !== undefined;
  return forward({
    agent,
    operation,
    ids: idsOfRequest(requestOf(rest)),
    facts: factsOf(call, admission),
    method,
    url: restUrl(to, route, bindings, query),
    headers: upstreamHeaders(request.headers, {
      binding,
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
function requestOf(rest: RestCall): Record<string, unknown> {
  return { ...queryOf(rest), ...rest.body?.value, ...rest.bindings };
}

function queryOf({ query }: RestCall): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(query));
}

async function answerRest(
  call: Call,
  { operation, version, admission, resumption, words, look }: CallersStream,
  upstream: ForwardedResponse,
  answer: JsonAnswer,
  services: Services,
): Promise<Response> {
  const isSuccess = answer.status >= 200 && answer.status < 300;
  if (!isSuccess && resumption !== undefined) return answerMissed(call, upstream, resumption, words);
  if (isSuccess) await learnFrom(upstream, answer.value, { look, recorder: call.note });
  if (!isSuccess || !isRecord(answer.value) || operation.capability !== 'extendedAgentCard') {
    return answerBody(call, upstream, answer.status, answer.text);
  }
  const spoken = { protocolVersion: version, protocolBinding: binding } as const;
  const rewritten = await extendedCardText(answer.value, spoken, admission, services);
  return answerBody(call, upstream, answer.status, rewritten);
}
