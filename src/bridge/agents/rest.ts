import { GatewayError } from '../../failure.ts';
import type { AgentInterface } from '../../protocol/card.ts';
import { parseExact, stringifyExact, withPlainNumbers } from '../../protocol/exact-json.ts';
import { isRecord } from '../../protocol/json.ts';
import type { Operation } from '../../protocol/operations.ts';
import { isEventStream, readRestAnswer } from '../../proxy/answer.ts';
import { restUrl } from '../../proxy/target.ts';
import type { AgentDialect, WireRequest } from '../agent-dialect.ts';
import type { CoreAnswer, CoreCall, JsonObject } from '../core-call.ts';
import { currentForm } from '../form.ts';
import { restError } from './rest-error.ts';
import { serverSentJson } from './server-sent.ts';

/** HTTP+JSON of 1.0 as a client speaks it (A2A §11). */
export const restDialect: AgentDialect = {
  write: (call, to) => wireRequest(call, to, call.operation.rest.method),
  writeAgain(call, to, status, answer) {
    // Agents that follow the proto take `:subscribe` by GET only; the prose says POST (A2A §11.3.2).
    const [otherMethod] = call.operation.rest.alsoMethods ?? [];
    if (otherMethod === undefined || answer.ok) return undefined;
    // A 404 that gives details is the agent's word on the task; one without is a missing route.
    const isRouteMissing = status === 405 || (status === 404 && answer.error.details.length === 0);
    return isRouteMissing ? wireRequest(call, to, otherMethod) : undefined;
  },
  isStream: isEventStream,
  async readAnswer(response, { operation }, { maxAnswerBytes }) {
    const { status, text } = await readRestAnswer(response, maxAnswerBytes);
    const value = text === '' ? undefined : parseExact(text);
    if (status >= 300) return { ok: false, error: restError(status, value) };
    return { ok: true, result: currentForm.toCoreResult(operation, value ?? {}) };
  },
  async *readEvents(response, _, { maxEventBytes }) {
    for await (const event of serverSentJson(response, maxEventBytes)) yield eventIn(event);
  },
};

function eventIn(event: unknown): CoreAnswer {
  // What both official SDKs send of a failure in mid-stream has the body of an error.
  if (isRecord(event) && isRecord(event.error)) return { ok: false, error: restError(undefined, event) };
  return { ok: true, result: currentForm.toCoreEvent(event) };
}

function wireRequest(
  { operation, request }: CoreCall,
  to: AgentInterface,
  method: 'GET' | 'POST' | 'DELETE',
): WireRequest {
  const { bound, rest } = divided(request, operation);
  const hasBody = method === 'POST' && (operation.body === 'required' || Object.keys(rest).length > 0);
  const url = restUrl(to, operation.rest, bound, method === 'POST' ? '' : queryOf(rest));
  // The older type: agents of 1.0.0 know no other, and those of 1.0.1 know it still.
  if (!hasBody) return { method, url, headers: {} };
  return { method, url, headers: { 'content-type': 'application/json' }, body: stringifyExact(rest) };
}

/**
 * What the path binds of a request, and what is left for query or body.
 * @throws GatewayError `parameter_invalid` for an id that is missing, `member_refused` rule `path` for one that would
 *   become another path on its way
 */
function divided(
  request: JsonObject,
  { rest: { path } }: Operation,
): { bound: Record<string, string>; rest: JsonObject } {
  const rest: Record<string, unknown> = { ...request };
  const bound: Record<string, string> = {};
  for (const [, name = ''] of path.matchAll(/\{(\w+)\}/g)) {
    const value = request[name];
    delete rest[name];
    if (typeof value !== 'string' || value === '')
      throw new GatewayError({ code: 'parameter_invalid', parameter: name, problem: 'is missing' });
    if (changesPath.test(value))
      throw new GatewayError({ code: 'member_refused', member: name, rule: 'path' });
    bound[name] = value;
  }
  return { bound, rest };
}

/** Dot segments, separators, controls and verbs: agents that decode before they route would act on another task. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const changesPath = /^\.{1,2}$|[/\\\u0000-\u001f\u007f]|:(?:cancel|subscribe)$/;

/** Members as a query (A2A §11.5): no nested objects are in what is asked by GET. */
function queryOf(members: JsonObject): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(members))
    if (value !== undefined && value !== null) query.append(name, String(withPlainNumbers(value)));
  return query.size === 0 ? '' : `?${query}`;
}
