import { GatewayError } from '../../failure.ts';
import type { AgentInterface } from '../../protocol/card.ts';
import { stringifyExact, withPlainNumbers } from '../../protocol/exact-json.ts';
import { isRecord } from '../../protocol/json.ts';
import type { RestRoute } from '../../protocol/operations.ts';
import { canStandInPath } from '../../protocol/rest.ts';
import { isEventStream, readRestAnswer } from '../../proxy/answer.ts';
import { restUrl } from '../../proxy/target.ts';
import type { AgentDialect, WireRequest } from '../agent-dialect.ts';
import type { CoreAnswer, CoreCall, JsonObject } from '../core-call.ts';
import { type Form, toCoreAnswer } from '../form.ts';
import { answerJson } from './answer-json.ts';
import { restError } from './rest-error.ts';
import { serverSentJson } from './server-sent.ts';

/** What a version's HTTP+JSON asks with: everything but where. */
export interface RestRequest {
  route: RestRoute;
  bindings: Readonly<Record<string, string>>;
  /** With its `?`, or empty. */
  query: string;
  body?: JsonObject | undefined;
}

/** HTTP+JSON as a client speaks it (A2A §11, 0.3 §3.2.3). */
export function restDialect(requestOf: (call: CoreCall) => RestRequest, form: Form): AgentDialect {
  return {
    write: (call, to) => wireRequest(requestOf(call), to),
    writeAgain(call, to, status, answer) {
      const request = requestOf(call);
      // Agents that follow the proto take `:subscribe` by GET only; the prose says POST (A2A §11.3.2).
      const [otherMethod] = request.route.alsoMethods ?? [];
      if (otherMethod === undefined || !isRouteMissing(status, answer)) return undefined;
      return wireRequest({ ...request, body: undefined }, to, otherMethod);
    },
    isStream: isEventStream,
    async readAnswer(response, { operation }, { maxAnswerBytes }) {
      const { status, text } = await readRestAnswer(response, maxAnswerBytes);
      const value = text === '' ? undefined : answerJson(text);
      if (status >= 300) return { ok: false, error: restError(status, value) };
      return { ok: true, result: toCoreAnswer(form, operation, value) };
    },
    async *readEvents(response, _, { maxEventBytes }) {
      for await (const event of serverSentJson(response, maxEventBytes)) yield answerIn(event, form);
    },
  };
}

/** A 404 that says more than a status is the agent's word on the task; one that does not is a missing route. */
function isRouteMissing(status: number, answer: CoreAnswer | undefined): boolean {
  if (answer?.ok) return false;
  return status === 405 || (status === 404 && (answer === undefined || answer.error.isGuess === true));
}

function answerIn(event: unknown, form: Form): CoreAnswer {
  // What both official SDKs send of a failure in mid-stream has the body of an error.
  const isError = isRecord(event) && (isRecord(event.error) || typeof event.code === 'number');
  if (isError) return { ok: false, error: restError(undefined, event) };
  return { ok: true, result: form.toCoreEvent(event) };
}

function wireRequest(
  { route, bindings, query, body }: RestRequest,
  to: AgentInterface,
  method = route.method,
): WireRequest {
  const url = restUrl(to, route, bindings, query);
  // The older type: agents of 1.0.0 know no other, and those of 1.0.1 know it still.
  const headers = { 'content-type': 'application/json' };
  return body === undefined
    ? { method, url, headers: {} }
    : { method, url, headers, body: stringifyExact(body) };
}

/**
 * The request of 1.0 (A2A §11.3, §11.5).
 * @throws GatewayError `parameter_invalid` for an id that is missing or cannot stand in a path
 */
export function currentRestRequest({ operation, request }: CoreCall): RestRequest {
  const route = operation.rest;
  const { bindings, rest } = divided(request, route);
  if (route.method !== 'POST') return { route, bindings, query: queryOf(rest) };
  const hasBody = operation.body === 'required' || Object.keys(rest).length > 0;
  return { route, bindings, query: '', ...(hasBody && { body: rest }) };
}

/** What the path binds of a request, and what is left for query or body. */
function divided(
  request: JsonObject,
  { path }: RestRoute,
): { bindings: Record<string, string>; rest: JsonObject } {
  const rest: Record<string, unknown> = { ...request };
  const bindings: Record<string, string> = {};
  for (const [, name = ''] of path.matchAll(/\{(\w+)\}/g)) {
    const id = request[name];
    if (typeof id !== 'string' || !canStandInPath(id))
      throw new GatewayError({
        code: 'parameter_invalid',
        parameter: name,
        problem: 'cannot stand in a path',
      });
    bindings[name] = id;
    delete rest[name];
  }
  return { bindings, rest };
}

/**
 * Members as a query (A2A §11.5): no nested objects are in what is asked by GET. Names that JSON takes for unknown may mean
 * something in a query, such as `tenant[]` and `A2A-Version`, and are left out.
 */
function queryOf(members: JsonObject): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(members))
    if (/^\w+$/.test(name) && value !== undefined && value !== null)
      query.append(name, String(withPlainNumbers(value)));
  return query.size === 0 ? '' : `?${query}`;
}
