import { GatewayError } from '../failure.ts';
import type { AgentDialect } from './agent-dialect.ts';
import { jsonRpcDialect } from './agents/jsonrpc.ts';
import { restDialect } from './agents/rest.ts';
import { currentForm } from './form.ts';
import type { Plan } from './plan.ts';

/** How an agent is spoken to. Loaded when first needed: most calls are bridged to few protocols, or to none. */
export async function dialectOf({ protocolBinding, protocolVersion }: Plan): Promise<AgentDialect> {
  switch (`${protocolBinding} ${protocolVersion}` as const) {
    case 'JSONRPC 1.0':
      return jsonRpcDialect('1.0', currentForm);
    case 'HTTP+JSON 1.0':
      return restDialect;
    default:
      throw new GatewayError({
        code: 'operation_unsupported',
        capability: `${protocolBinding} ${protocolVersion}`,
      });
  }
}
