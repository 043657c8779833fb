import { bindingOf, type Protocol, versionOf } from '../../../examples/conformance/protocols.ts';
import { permit, register, startGateway, type TestGateway } from '../../support/gateway.ts';
import { type GrpcCaller, grpcCaller, grpcSettings } from '../../support/grpc.ts';
import { legacyCardAt } from '../../support/legacy.ts';
import { cardAt } from '../../support/scripted-agent.ts';
import { agentProtocols } from '../cells.ts';
import type { Asked } from './speech.ts';

/** Protocols whose bytes are JSON over HTTP. */
export const wireProtocols = agentProtocols.filter((protocol) => bindingOf(protocol) !== 'GRPC');

export function wireAgentId(protocol: Protocol): string {
  return protocol.replace('.', '-');
}

/** A gateway before one scripted agent, which is registered once for each protocol. @param members of interfaces of 1.0 */
export async function startWireStand(
  members: { tenant?: string } = {},
  settings: Record<string, unknown> = {},
): Promise<TestGateway> {
  const gateway = await startGateway({ registration: null, settings });
  for (const protocol of wireProtocols) {
    gateway.agent.card(cardOf(protocol, gateway.agent.url, members));
    await register(gateway, { agentId: wireAgentId(protocol) });
  }
  const operations = ['send', 'stream', 'read', 'cancel', 'push'];
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations });
  return gateway;
}

/** The same, with a caller over gRPC. */
export interface GrpcWireStand {
  gateway: TestGateway;
  /** A caller of the agent that is registered for a protocol. */
  callerOf(agent: Protocol): GrpcCaller;
  close(): Promise<void>;
}

export async function startGrpcWireStand(): Promise<GrpcWireStand> {
  const gateway = await startWireStand({}, { grpc: grpcSettings });
  const token = await gateway.issuer.token();
  const callers = new Map<Protocol, GrpcCaller>();
  for (const agent of wireProtocols) {
    const authority = `${wireAgentId(agent)}.grpc.test`;
    callers.set(agent, grpcCaller(gateway.grpcAddress, { token, authority }));
  }
  return {
    gateway,
    callerOf(agent) {
      const caller = callers.get(agent);
      if (caller === undefined) throw new TypeError(`no agent speaks ${agent}`);
      return caller;
    },
    async close() {
      for (const caller of callers.values()) caller.close();
      await gateway.close();
    },
  };
}

function cardOf(protocol: Protocol, url: string, members: { tenant?: string }): Record<string, unknown> {
  const protocolBinding = bindingOf(protocol);
  const at = `${url}${protocolBinding === 'JSONRPC' ? '/rpc' : '/rest'}`;
  if (versionOf(protocol) === '0.3')
    return legacyCardAt(url, { url: at, preferredTransport: protocolBinding });
  const supportedInterfaces = [{ url: at, protocolBinding, protocolVersion: '1.0', ...members }];
  return cardAt(url, { supportedInterfaces });
}

/** Calls an agent through the gateway. */
export function ask(
  gateway: TestGateway,
  protocol: Protocol,
  { target, ...init }: Asked & Pick<RequestInit, 'signal'>,
): Promise<Response> {
  return gateway.fetch(`/agents/${wireAgentId(protocol)}${target}`, init);
}
