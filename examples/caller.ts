import { type Part, SendMessageRequest, type Task } from '@a2a-js/sdk';
import {
  type CallInterceptor,
  type Client,
  ClientFactory,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
  RestTransportFactory,
  type TransportFactory,
} from '@a2a-js/sdk/client';
import { GrpcTransportFactory } from '@a2a-js/sdk/client/grpc';
import { LegacyJsonRpcTransport } from '@a2a-js/sdk/compat/v0_3/client';

/** The bindings of A2A 1.0; the SDK's client hides which one is spoken. */
export const bindings = ['JSONRPC', 'HTTP+JSON', 'GRPC'] as const;
export type Binding = (typeof bindings)[number];

/** In which bindings of 1.0 a card says that its agent is served. */
export async function offeredBindings(cardUrl: string, token: string): Promise<Binding[]> {
  const cardResolver = new DefaultAgentCardResolver({ fetchImpl: authenticated(token) });
  const { supportedInterfaces } = await cardResolver.resolve(cardUrl, '');
  return bindings.filter((binding) =>
    supportedInterfaces.some((at) => at.protocolBinding === binding && at.protocolVersion === '1.0'),
  );
}

/** A token by client credentials: the issuer is asked where its token endpoint is, then the endpoint for a token. */
export async function accessToken(issuer: string, clientId: string, clientSecret: string): Promise<string> {
  const discovery = await fetchJson(`${issuer}/.well-known/openid-configuration`);
  const fields = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
  const answer = await fetchJson(stringIn(discovery, 'token_endpoint'), {
    method: 'POST',
    body: new URLSearchParams(fields),
  });
  return stringIn(answer, 'access_token');
}

/**
 * A client for the agent that a card describes. The card may want the token as well, so both get the same fetch; gRPC,
 * which fetches nothing, gets it as metadata of every call. Whatever the agent speaks, the gateway serves it in 1.0.
 */
export async function clientOf(cardUrl: string, binding: Binding, token: string): Promise<Client> {
  const fetchImpl = authenticated(token);
  const cardResolver = new DefaultAgentCardResolver({ fetchImpl });
  const transports = [transportOf(binding, fetchImpl)];
  const clientConfig = binding === 'GRPC' ? { interceptors: [bearing(token)] } : {};
  return new ClientFactory({ transports, cardResolver, clientConfig }).createFromUrl(cardUrl, '');
}

/** A client of 0.3 for the agent at a URL: it sends no version, and whatever the agent speaks, the gateway serves it in 0.3. */
export function clientOf03(endpoint: string, token: string): LegacyJsonRpcTransport {
  return new LegacyJsonRpcTransport({ endpoint, fetchImpl: authenticated(token) });
}

function transportOf(binding: Binding, fetchImpl: typeof fetch): TransportFactory {
  switch (binding) {
    case 'JSONRPC':
      return new JsonRpcTransportFactory({ fetchImpl });
    case 'HTTP+JSON':
      return new RestTransportFactory({ fetchImpl });
    case 'GRPC':
      // Beyond this machine: new GrpcTransportFactory({ grpcChannelCredentials: credentials.createSsl() }).
      return new GrpcTransportFactory();
  }
}

function bearing(token: string): CallInterceptor {
  return {
    async before(call) {
      const serviceParameters = { ...call.options?.serviceParameters, authorization: `Bearer ${token}` };
      call.options = { ...call.options, serviceParameters };
    },
    async after() {},
  };
}

function authenticated(token: string): typeof fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${token}`);
    return fetch(input, { ...init, headers });
  };
}

/** @throws Error naming the URL and the status when the answer is not a success in JSON */
async function fetchJson(url: string, init?: RequestInit): Promise<unknown> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.json();
}

/** A message from the user; with the ids of a task it goes on with that task. */
export function said(
  text: string,
  to: { taskId?: string; contextId?: string; returnImmediately?: boolean } = {},
) {
  const { returnImmediately = false, ...ids } = to;
  return SendMessageRequest.fromJSON({
    message: { messageId: crypto.randomUUID(), role: 'ROLE_USER', parts: [{ text }], ...ids },
    configuration: { returnImmediately },
  });
}

/** The answer to a message is either a Task or a Message; here a Task is expected. */
export function taskOf(result: Awaited<ReturnType<Client['sendMessage']>>): Task {
  if ('messageId' in result) throw new Error('the agent answered with a message where a task was expected');
  return result;
}

export function textOf(parts: readonly Part[] = []): string {
  return parts.map(({ content }) => (content?.$case === 'text' ? content.value : '')).join('');
}

function stringIn(value: unknown, name: string): string {
  const member = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  if (typeof member !== 'string') throw new Error(`no ${name} in the issuer's answer`);
  return member;
}
