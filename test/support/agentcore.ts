import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  admitted,
  answerAwsError,
  closeServer,
  exampleKeys,
  headerOf,
  type Keys,
  keysOf,
  listen,
  wireRequest,
} from './aws-service.ts';
import { memoryOf } from './remembering-agent.ts';
import { cardAt, type Script } from './scripted-agent.ts';
import type { WireRequest } from './sigv4-verifier.ts';

/**
 * Stands in for AgentCore Runtime with an A2A server in it, and checks what AgentCore does: the ARN in the path, the
 * endpoint, the session, a signature or a bearer token. The SDK's own client is held against it.
 */
export interface AgentCoreApi {
  url: string;
  keys: Keys;
  invoked: Invocation[];
  /** Sets what the server in the runtime answers to calls. */
  script(script: ServerScript): void;
  /** Sets the card it serves. */
  card(card: unknown): void;
  /** What takes the place of a signature; undefined: signatures are asked for. */
  bearer(token: string | undefined): void;
  close(): Promise<void>;
}

export interface Invocation {
  target: string;
  session: string | undefined;
  body: string;
}

export type ServerScript = (
  invocation: Invocation,
  response: ServerResponse,
  incoming: IncomingMessage,
) => void;

export const runtimeArn = 'arn:aws:bedrock-agentcore:us-west-2:123456789012:runtime/my_agent-a1B2c3D4e5';

export const invocationPath =
  '/runtimes/arn%3Aaws%3Abedrock-agentcore%3Aus-west-2%3A123456789012%3Aruntime%2Fmy_agent-a1B2c3D4e5/invocations';

const sessionHeader = 'x-amzn-bedrock-agentcore-runtime-session-id';

/** AgentCore's own error, told as an error of JSON-RPC. */
export function answerRpcError(status: number, code: number): ServerScript {
  return (_invocation, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code, message: 'arn:aws:internal' } }));
  };
}

/** Its own error, named in a header. */
export function answerError(
  status: number,
  type: string,
  headers: Record<string, string> = {},
): ServerScript {
  return (_invocation, response) => answerAwsError(response, status, type, headers);
}

/** A server that keeps its conversations in memory: each session has one of its own, which its tasks name as instance. */
export function rememberInSessions(): ServerScript {
  const servers = new Map<string, Script>();
  return ({ session = 'none', body }, response, incoming) => {
    const server = servers.get(session) ?? memoryOf(session);
    servers.set(session, server);
    server({ method: 'POST', target: '/rpc', headers: {}, body }, response, incoming);
  };
}

export async function startAgentCore(): Promise<AgentCoreApi> {
  let script: ServerScript = (_invocation, response) => void response.end();
  let card: unknown = cardAt('http://0.0.0.0:9000');
  let bearer: string | undefined;

  function isAdmitted(request: WireRequest, response: ServerResponse): boolean {
    if (bearer === undefined)
      return admitted(request, response, {
        keys: api.keys,
        region: 'us-west-2',
        service: 'bedrock-agentcore',
        nowMs: Date.now(),
        allowUnsigned: true,
      });
    if (headerOf(request, 'authorization') === `Bearer ${bearer}`) return true;
    response.setHeader('www-authenticate', 'Bearer resource_metadata="https://inside"');
    answerAwsError(response, 401, 'UnauthorizedException');
    return false;
  }

  const server = createServer(async (incoming, response) => {
    const request = await wireRequest(incoming);
    if (!isAdmitted(request, response)) return;
    const [path = '', query = ''] = request.target.split('?');
    const session = headerOf(request, sessionHeader);
    if (session !== undefined && session.length < 33)
      return answerAwsError(response, 400, 'ValidationException');
    if (!['DEFAULT', 'prod', null].includes(new URLSearchParams(query).get('qualifier')))
      return answerAwsError(response, 404, 'ResourceNotFoundException');
    response.setHeader(sessionHeader, session ?? `begun-by-the-runtime-${crypto.randomUUID()}`);
    if (request.method === 'GET' && path === `${invocationPath}/.well-known/agent-card.json`) {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(card));
      return;
    }
    if (request.method !== 'POST' || path !== invocationPath)
      return answerAwsError(response, 404, 'ResourceNotFoundException');
    const invocation = { target: request.target, session, body: Buffer.from(request.body).toString() };
    api.invoked.push(invocation);
    script(invocation, response, incoming);
  });
  const api: AgentCoreApi = {
    url: await listen(server),
    keys: keysOf(exampleKeys),
    invoked: [],
    script(next) {
      script = next;
    },
    card(next) {
      card = next;
    },
    bearer(token) {
      bearer = token;
    },
    close: () => closeServer(server),
  };
  return api;
}
