import { isRecord } from '../../src/protocol/json.ts';
import {
  answerEvents,
  answerJson,
  type Script,
  type ScriptedAgent,
  type SeenRequest,
} from './scripted-agent.ts';

/** A scripted agent that takes webhooks, and posts to them when told to. */
export interface PushingAgent {
  /** The webhooks it was given, the latest last. */
  given: GivenWebhook[];
  /** What it answers to a message, in the words of 1.0. Default: a task that works, `t-1`. */
  answerMessagesWith(result: object): void;
  /** Makes it refuse everything with this error of JSON-RPC from now on; undefined ends that. */
  refuseWith(error: { code: number; message: string } | undefined): void;
}

export interface GivenWebhook {
  id: string;
  url: string;
  token: string;
  /** Of 1.0, or the only one of 0.3. */
  scheme: string;
  credentials: string;
}

export const workingTask = { id: 't-1', contextId: 'ctx-1', status: { state: 'TASK_STATE_WORKING' } };

/**
 * Makes an agent that speaks JSON-RPC of 1.0 at `/rpc`, of 0.3 at `/a2a`, and HTTP+JSON of both below `/rest`. Of push
 * configurations it says what it was told.
 */
export function takePushes(agent: ScriptedAgent): PushingAgent {
  const given: GivenWebhook[] = [];
  let message: object = { task: workingTask };
  let error: { code: number; message: string } | undefined;
  const script: Script = (request, response, incoming) => {
    const { body, target } = request;
    const webhook = webhookIn(body === '' ? {} : JSON.parse(body));
    if (webhook !== undefined) given.push(webhook);
    const words = wordsOf(request);
    if (error !== undefined) return words.refuse(error)(request, response, incoming);
    const isMessage = /message|sendstreaming/i.test(words.method) || /message:/.test(target);
    if (!isMessage) return words.answer(words.params)(request, response, incoming);
    const result = words.isLegacy && !target.startsWith('/rest') ? legacyResult(message) : message;
    const answer = /stream/i.test(words.method + target) ? words.stream : words.answer;
    answer(result)(request, response, incoming);
  };
  agent.script(script);
  return {
    given,
    answerMessagesWith(result) {
      message = result;
    },
    refuseWith(next) {
      error = next;
    },
  };
}

interface Words {
  method: string;
  params: object;
  isLegacy: boolean;
  answer(result: object): Script;
  stream(result: object): Script;
  refuse(error: { code: number; message: string }): Script;
}

function wordsOf({ target, body }: SeenRequest): Words {
  const sent = body === '' ? {} : JSON.parse(body);
  const isLegacy = target.startsWith('/a2a') || target.includes('/v1/');
  if (target.startsWith('/rest'))
    return {
      method: '',
      params: sent,
      isLegacy,
      answer: (result) => answerJson(result),
      stream: (result) => answerEvents(`data: ${JSON.stringify(result)}\n\n`),
      refuse: ({ message }) =>
        answerJson({ error: { code: 404, status: 'NOT_FOUND', message, details: [] } }, 404),
    };
  const { id, method, params = {} } = sent;
  const envelope = (members: object) => JSON.stringify({ jsonrpc: '2.0', id, ...members });
  return {
    method,
    params,
    isLegacy,
    answer: (result) => answerJson(envelope({ result: /delete/i.test(method) ? null : result })),
    stream: (result) => answerEvents(`data: ${envelope({ result })}\n\n`),
    refuse: (error) => answerJson(envelope({ error })),
  };
}

/** In JSON-RPC of 0.3 nothing is wrapped, and each thing says what it is. */
function legacyResult(result: object): object {
  const [[member = '', value] = []] = Object.entries(result);
  const state = /_([A-Z]+)$/.exec(value?.status?.state ?? '')?.[1]?.toLowerCase();
  const role = value?.role === 'ROLE_AGENT' ? { role: 'agent' } : {};
  return { kind: member, ...value, ...role, ...(state !== undefined && { status: { state } }) };
}

/** Wherever it stands in a request. */
function webhookIn(value: unknown): GivenWebhook | undefined {
  if (!isRecord(value)) return undefined;
  const { id = '', url, token = '', authentication } = value;
  if (typeof url === 'string') {
    const { scheme, schemes, credentials } = (authentication ?? {}) as Record<string, unknown>;
    const named = scheme ?? (Array.isArray(schemes) ? schemes[0] : '');
    return { id, url, token, scheme: named, credentials } as GivenWebhook; // As the gateway writes them.
  }
  return Object.values(value)
    .map(webhookIn)
    .find((found) => found !== undefined);
}

/** Posts to a webhook as an agent does, with its secret unless the headers say otherwise. */
export function post(
  { url, credentials }: Pick<GivenWebhook, 'url' | 'credentials'>,
  body: unknown,
  headers: Record<string, string> = { authorization: `Bearer ${credentials}` },
): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/a2a+json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}
