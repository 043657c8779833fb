import type { ServedVersion } from '../protocol/version.ts';
import type { AgentDialect } from './agent-dialect.ts';
import { jsonRpcDialect } from './agents/jsonrpc.ts';
import { currentRestRequest, type RestRequest, restDialect } from './agents/rest.ts';
import type { CoreCall } from './core-call.ts';
import { formOf } from './forms.ts';
import type { Plan } from './plan.ts';

/** How an agent is spoken to. Loaded when first needed: most calls are bridged to few protocols, or to none. */
export async function dialectOf({ protocolBinding, protocolVersion }: Plan): Promise<AgentDialect> {
  const form = await formOf(protocolVersion, protocolBinding);
  switch (protocolBinding) {
    case 'JSONRPC':
      return jsonRpcDialect(protocolVersion, form);
    case 'HTTP+JSON':
      return restDialect(await restRequestOf(protocolVersion), form);
    case 'GRPC':
      return (await import('./agents/grpc.ts')).grpcDialect(protocolVersion, form);
  }
}

async function restRequestOf(version: ServedVersion): Promise<(call: CoreCall) => RestRequest> {
  return version === '1.0' ? currentRestRequest : (await import('./v0_3/proto/rest.ts')).restRequestOf;
}
