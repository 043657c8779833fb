import type { Protocol } from '../../examples/conformance/protocols.ts';
import { permit, register, startGateway, type TestGateway } from '../support/gateway.ts';
import { grpcSettings } from '../support/grpc.ts';
import { type Agents, closeAgents, startAgents, type Variant, variantNames } from './agents.ts';
import { agentProtocols, callerProtocols } from './cells.ts';
import type { Place } from './sdk-client.ts';

/** Agents of every protocol, and a gateway before them. */
export interface MatrixStand {
  gateway: TestGateway;
  /** Where an agent is called without the gateway. */
  direct(protocol: Protocol, variant: Variant): Place;
  /** Where it is called through the gateway. @param ownership as it is registered. Default `backend` */
  through(protocol: Protocol, variant: Variant, ownership?: MatrixOwnership): Place;
  close(): Promise<void>;
}

/** Each agent is registered as one that keeps its callers apart itself, and as one whose callers the gateway keeps apart. */
const ownerships = ['backend', 'principal'] as const;
export type MatrixOwnership = (typeof ownerships)[number];

export function agentIdOf(
  protocol: Protocol,
  variant: Variant,
  ownership: MatrixOwnership = 'backend',
): string {
  return `${protocol.replace('.', '-')}-${variant}-${ownership}`;
}

export async function startMatrixStand(): Promise<MatrixStand> {
  const protocols = [...new Set([...agentProtocols, ...callerProtocols])];
  const [gateway, ...started] = await Promise.all([
    startGateway({ registration: null, settings: { grpc: grpcSettings } }),
    ...protocols.map(async (protocol) => [protocol, await startAgents(protocol)] as const),
  ]);
  const agents = new Map<Protocol, Agents>(started);
  for (const [protocol, ofProtocol] of started)
    for (const variant of variantNames) {
      const { cardUrl: agentCardUrl } = ofProtocol[variant];
      for (const ownership of ownerships)
        await register(gateway, {
          agentId: agentIdOf(protocol, variant, ownership),
          agentCardUrl,
          ownership,
        });
    }
  await permit(gateway, 'demo', {
    allowedAgents: ['*'],
    operations: ['send', 'stream', 'read', 'cancel', 'push'],
  });
  const token = await gateway.issuer.token();
  const hookUrl = `${gateway.agent.url}/hook`;
  return {
    gateway,
    direct(protocol, variant) {
      const agent = agents.get(protocol)?.[variant];
      if (agent === undefined) throw new TypeError(`no agent speaks ${protocol}`);
      const { url, grpcTarget } = agent;
      return { rpcUrl: `${url}/a2a/jsonrpc`, restUrl: url, grpcTarget, hookUrl };
    },
    through(protocol, variant, ownership) {
      const agentId = agentIdOf(protocol, variant, ownership);
      const url = `${gateway.url}/agents/${agentId}`;
      const authority = `${agentId}.grpc.test`;
      return {
        rpcUrl: url,
        restUrl: url,
        grpcTarget: gateway.grpcAddress,
        tenant: agentId,
        authority,
        token,
        hookUrl,
      };
    },
    async close() {
      await gateway.close();
      await Promise.all([...agents.values()].map(closeAgents));
    },
  };
}
