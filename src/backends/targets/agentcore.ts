import * as z from 'zod';
import type { UpstreamResponse } from '../../ports.ts';
import { isRecord } from '../../protocol/json.ts';
import { type AwsArn, parseArn, serviceOrigin } from '../aws/arn.ts';
import { awsErrorType, awsFailure } from '../aws/errors.ts';
import { url } from '../limits.ts';
import { replayed } from '../replayed.ts';
import { targetKind } from '../target.ts';
import { derivedOnly, onlyOrigin } from './derived.ts';

const sessionHeader = 'x-amzn-bedrock-agentcore-runtime-session-id';
/** What the runtime takes as a session: long enough that nobody meets another's by guessing. */
const sessionPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{32,255}$/;

/** An A2A server in Amazon Bedrock AgentCore Runtime. */
export const agentCore = targetKind({
  type: 'agentcore',
  summary: 'An A2A server in Amazon Bedrock AgentCore Runtime, by its ARN.',
  notes:
    'Card and calls go to the invocation URL of the runtime, which is derived of the ARN: whatever URLs the card names, ' +
    'its JSON-RPC interfaces are reached there, in the protocol version the card declares, and others are left out. The ' +
    'runtime keeps a session apart from others; one conversation goes to one session. It takes `aws_sigv4` (the identity ' +
    'needs `bedrock-agentcore:InvokeAgentRuntime` and `bedrock-agentcore:GetAgentCard`) or, where it is set up for JWTs, ' +
    'a bearer token. The runtime hands on to its server only the headers its allowlist names, so a server that wants ' +
    '`A2A-Version` or `A2A-Extensions` must be deployed with them on it.',
  example: {
    type: 'agentcore',
    agentRuntimeArn: 'arn:aws:bedrock-agentcore:us-west-2:123456789012:runtime/my_agent-a1B2c3D4e5',
    qualifier: 'DEFAULT',
  },
  members: {
    agentRuntimeArn: z
      .string()
      .refine((text) => runtimeOf(text) !== undefined, { error: 'must be the ARN of an AgentCore runtime' })
      .describe('ARN of the runtime.'),
    qualifier: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/)
      .optional()
      .describe('Endpoint or version of the runtime. Default: `DEFAULT`.'),
    endpointUrl: url.optional().describe('Where AgentCore is, such as a VPC endpoint. Default: by the ARN.'),
  },
  credentials: [
    'aws_sigv4',
    'bearer',
    'oauth2_client_credentials',
    'oauth2_token_exchange',
    'oauth2_jwt_bearer',
  ],
  problemWith: (_, given) => derivedOnly(given),
  locate(members) {
    const { origin, path, query } = invocationOf(members);
    return onlyOrigin(origin, `${path}/.well-known/agent-card.json${query}`);
  },
  cardNeedsCredential: () => true,
  credentialPlace(members) {
    const { origin, path } = invocationOf(members);
    return origin + path;
  },
  adoptCard(card, members) {
    const { origin, path, query } = invocationOf(members);
    const supportedInterfaces = card.supportedInterfaces
      .filter(({ protocolBinding }) => protocolBinding === 'JSONRPC')
      .map((entry) => ({ ...entry, url: origin + path + query }));
    return { ...card, supportedInterfaces };
  },
  signing: ({ agentRuntimeArn }) => ({ region: arnOf(agentRuntimeArn).region, service: 'bedrock-agentcore' }),
  stickiness: () => 'session',
  toBackend(request, _, { session }) {
    // Without one the runtime begins a session, and ends it by itself.
    if (session === undefined) return request;
    if (!sessionPattern.test(session)) throw new TypeError('not a session of AgentCore');
    return { ...request, headers: { ...request.headers, [sessionHeader]: session } };
  },
  async fromBackend(response) {
    if (response.status < 400) return response;
    const isPlain = awsErrorType(response) === undefined && isJson(response);
    const bytes = isPlain ? await response.bytes(maxErrorBytes) : undefined;
    if (bytes !== undefined && isOfAgent(bytes)) return replayed(response, bytes);
    response.close();
    throw awsFailure(response);
  },
});

const maxErrorBytes = 64 * 1024;

function isJson(response: UpstreamResponse): boolean {
  return response.header('content-type')?.toLowerCase().startsWith('application/json') ?? false;
}

/**
 * Whether an HTTP error is the agent's own: an error of JSON-RPC. Those of the runtime, which it tells the same way where
 * it names none in a header, have codes from -32599 to -32500, which neither JSON-RPC nor A2A uses.
 */
function isOfAgent(bytes: Uint8Array): boolean {
  try {
    const said: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (!isRecord(said) || said.jsonrpc !== '2.0' || !isRecord(said.error)) return false;
    const { code } = said.error;
    return typeof code === 'number' && (code < -32599 || code > -32500);
  } catch {
    return false;
  }
}

function invocationOf(members: {
  agentRuntimeArn: string;
  qualifier?: string | undefined;
  endpointUrl?: string | undefined;
}): { origin: string; path: string; query: string } {
  const { agentRuntimeArn, qualifier, endpointUrl } = members;
  const derived = serviceOrigin('bedrock-agentcore', arnOf(agentRuntimeArn));
  return {
    origin: endpointUrl === undefined ? derived : new URL(endpointUrl).origin,
    path: `/runtimes/${encodeURIComponent(agentRuntimeArn)}/invocations`,
    query: qualifier === undefined ? '' : `?qualifier=${qualifier}`,
  };
}

function runtimeOf(text: string): AwsArn | undefined {
  const arn = parseArn(text);
  const isRuntime =
    arn?.service === 'bedrock-agentcore' && /^runtime\/[A-Za-z][A-Za-z0-9_-]{0,127}$/.test(arn.resource);
  return isRuntime ? arn : undefined;
}

/** The members were parsed. */
function arnOf(agentRuntimeArn: string): AwsArn {
  const arn = runtimeOf(agentRuntimeArn);
  if (arn === undefined) throw new TypeError('not the ARN of a runtime');
  return arn;
}
