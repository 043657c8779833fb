import type { Metadata } from '@grpc/grpc-js';
import { tellsOfElsewhere } from '../../../access/anonymous.ts';
import { GatewayError, unwrap } from '../../../failure.ts';
import { agentNamedBy, type GrpcAuthorities } from '../../../grpc/routing.ts';
import { isRecord } from '../../../protocol/json.ts';
import type { OperationName } from '../../../protocol/operations.ts';
import { isAgentId } from '../../../registry/agent.ts';

/** A call as the core takes it: JSON-RPC of A2A 1.0 to the endpoint of one agent. */

type Json = Readonly<Record<string, unknown>>;

/** What a call's metadata may hand on, under the header's own name (A2A §10.3). */
const handedOn: ReadonlySet<string> = new Set([
  'authorization',
  'a2a-version',
  'accept-language',
  'traceparent',
  'tracestate',
]);

/** The extensions a caller asks for, as 1.0 and 0.3 name them. */
const extensionsKeys = ['a2a-extensions', 'x-a2a-extensions'] as const;

export interface CallToCore {
  operation: OperationName;
  /** In ProtoJSON of 1.0. */
  message: Json;
  metadata: Metadata;
  /** `:authority` */
  authority: string;
  signal: AbortSignal;
}

/** Where the core has its agents. */
export interface CorePlace {
  publicUrl: string;
  agentsPath: string;
  grpc: GrpcAuthorities;
}

/**
 * The request, to the agent that the authority or the message's `tenant` names; the tenant itself stays here, because
 * it is the gateway's name for an agent and would be another tenant of the agent's own.
 *
 * @throws GatewayError `parameter_invalid` for a tenant that is missing, no agent id, or another than the authority's
 */
export function requestToCore(call: CallToCore, { publicUrl, agentsPath, grpc }: CorePlace): Request {
  const { tenant, ...message } = call.message;
  const agentId = unwrap(agentNamedBy(call.authority, tenant, grpc));
  if (!isAgentId(agentId))
    throw new GatewayError({ code: 'parameter_invalid', parameter: 'tenant', problem: 'agent_id' });
  const params = withoutInnerTenant(message, agentId);
  return new Request(new URL(`${agentsPath}/${agentId}`, publicUrl), {
    method: 'POST',
    headers: headersOf(call),
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: call.operation, params }),
    signal: call.signal,
  });
}

/** A push configuration inside a message may repeat the tenant; one that names another is left for the core to refuse. */
function withoutInnerTenant(message: Json, agentId: string): Json {
  const { configuration } = message;
  if (!isRecord(configuration)) return message;
  const { taskPushNotificationConfig: push } = configuration;
  if (!isRecord(push) || push.tenant !== agentId) return message;
  const { tenant: _, ...taskPushNotificationConfig } = push;
  return { ...message, configuration: { ...configuration, taskPushNotificationConfig } };
}

/** Beside what the core acts by, what it tells the origin of a call by. */
function headersOf({ metadata, authority }: CallToCore): Headers {
  const headers = new Headers({ 'content-type': 'application/json' });
  if (authority !== '') headers.set('host', authority);
  for (const name of Object.keys(metadata.getMap()))
    if (handedOn.has(name) || tellsOfElsewhere(name)) setHeader(headers, name, metadata.get(name));
  const extensions = extensionsKeys.flatMap((name) => metadata.get(name));
  setHeader(headers, 'a2a-extensions', extensions);
  return headers;
}

/** Of a name that comes more than once the values are joined, as HTTP has it, for the core to judge. */
function setHeader(headers: Headers, name: string, values: readonly (string | Buffer)[]): void {
  if (values.length > 0) headers.set(name, values.join(', '));
}
