import { GatewayError, unwrap } from '../failure.ts';
import type { UpstreamResponse } from '../ports.ts';
import { parseRpcCall } from '../protocol/jsonrpc.ts';
import type { Operation } from '../protocol/operations.ts';
import { matchRest, parseRestBody } from '../protocol/rest.ts';
import type { Forward, ForwardedCall } from '../proxy/forward.ts';
import { restUrl, rpcUrl } from './agent.ts';
import { type Finding, toMessage } from './answer.ts';
import { parseDirectoryRequest } from './request.ts';
import type { SearchQuery } from './search-query.ts';

export interface DirectoryServerDeps {
  /** Finds among the agents that whoever calls may call. What it throws passes. */
  find(query: SearchQuery): Promise<Finding>;
  newId(): string;
}

/** One operation, as either binding spells it. */
interface Request {
  operation: Operation;
  params: Readonly<Record<string, unknown>>;
  /** How a failure calls the request object. */
  prefix: string;
  /** The answer in the words of the binding. */
  succeed(result: unknown): Answer;
  taskNotFound(): Answer;
}

interface Answer {
  status: number;
  /** Default: that of the question. */
  contentType?: string;
  body: string;
}

/**
 * The directory as an A2A 1.0 server in this process, behind the same interface as agents behind a network. It answers a
 * message with a message and keeps nothing, so every task is unknown to it. Serves whoever `find` was made for; it
 * authorizes nobody itself.
 *
 * @throws GatewayError `parameter_invalid`, what `find` throws, and those of reading a call; the gateway words them for
 *   its callers as it words its own
 */
export function createDirectoryServer(deps: DirectoryServerDeps): Forward {
  return async (call) => {
    const { status, body, contentType } = await perform(requestOf(call), deps);
    return responseOf(status, contentType ?? call.headers['content-type'] ?? 'application/json', body);
  };
}

async function perform(request: Request, { find, newId }: DirectoryServerDeps): Promise<Answer> {
  const { operation, params, prefix } = request;
  if (operation.name === 'ListTasks') return request.succeed(noTasks(params, prefix));
  if (!isMessage(operation)) {
    if (typeof params.id === 'string' && params.id !== '') return request.taskNotFound();
    throw new GatewayError({ code: 'parameter_invalid', parameter: `${prefix}id`, problem: 'is missing' });
  }
  const { query, contextId = newId(), taskId } = parseDirectoryRequest(params, prefix);
  if (taskId !== undefined) return request.taskNotFound();
  const message = toMessage(await find(query), { messageId: newId(), contextId });
  const answer = request.succeed({ message });
  return operation.streams ? asEvent(answer) : answer;
}

/** A stream of one message and no task is complete (A2A §3.1.2). */
function asEvent({ body }: Answer): Answer {
  return { status: 200, contentType: 'text/event-stream', body: `data: ${body}\n\n` };
}

function isMessage({ name }: Operation): boolean {
  return name === 'SendMessage' || name === 'SendStreamingMessage';
}

/** A page of nothing (A2A §3.1.4). */
function noTasks({ pageSize = 50 }: Request['params'], prefix: string): unknown {
  const size = Number(pageSize);
  if (Number.isInteger(size) && size >= 1 && size <= 100)
    return { tasks: [], nextPageToken: '', pageSize: size, totalSize: 0 };
  throw new GatewayError({
    code: 'parameter_invalid',
    parameter: `${prefix}pageSize`,
    problem: '1 to 100',
  });
}

function requestOf(call: ForwardedCall): Request {
  return call.url.href === rpcUrl ? rpcRequest(call) : restRequest(call);
}

const taskNotFound = {
  message: 'The directory keeps no tasks.',
  details: [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'TASK_NOT_FOUND',
      domain: 'a2a-protocol.org',
      metadata: {},
    },
  ],
};

function rpcRequest({ body }: ForwardedCall): Request {
  const { operation, params, idText } = unwrap(parseRpcCall(textOf(body), '1.0'));
  const { message, details: data } = taskNotFound;
  // The id as it was spelled: a number may have more digits than a parsed one keeps.
  const answer = (member: string, value: unknown) => {
    const body = `{"jsonrpc":"2.0","id":${idText},"${member}":${JSON.stringify(value)}}`;
    return { status: 200, body };
  };
  return {
    operation,
    params,
    prefix: 'params.',
    succeed: (result) => answer('result', result),
    taskNotFound: () => answer('error', { code: -32001, message, data }),
  };
}

function restRequest({ method, url, body }: ForwardedCall): Request {
  const match = unwrap(matchRest(method, url.pathname.slice(new URL(restUrl).pathname.length)));
  const given = match.operation.body === 'none' ? undefined : unwrap(parseRestBody(textOf(body), match));
  const error = { code: 404, status: 'NOT_FOUND', ...taskNotFound };
  return {
    operation: match.operation,
    params: { ...Object.fromEntries(url.searchParams), ...given?.value, ...match.bindings },
    prefix: '',
    succeed: (result) => ({ status: 200, body: JSON.stringify(result) }),
    taskNotFound: () => ({ status: 404, body: JSON.stringify({ error }) }),
  };
}

function textOf(body: ForwardedCall['body'] = ''): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body);
}

const encoder = new TextEncoder();

function responseOf(status: number, contentType: string, body: string): UpstreamResponse {
  const bytes = encoder.encode(body);
  return {
    status,
    header: (name) => (name === 'content-type' ? contentType : undefined),
    trailer: () => undefined,
    async bytes(maxBytes) {
      if (bytes.length <= maxBytes) return bytes;
      throw new GatewayError({ code: 'upstream_response_too_large', maxBytes });
    },
    async *chunks() {
      yield bytes;
    },
    close() {},
  };
}
