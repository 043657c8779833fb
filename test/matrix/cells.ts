import { bindingOf, type Protocol, protocols, versionOf } from '../../examples/conformance/protocols.ts';
import type { Cell } from '../requirements/clause.ts';

/** What callers of the gateway speak. */
export const callerProtocols = protocols;

/** What agents behind it speak. */
export const agentProtocols = protocols;

/** A caller and an agent of a pair. */
export interface Pair {
  caller: Protocol;
  agent: Protocol;
}

/** All of them, in the order of the tables. */
export const pairs: readonly Pair[] = callerProtocols.flatMap((caller) =>
  agentProtocols.map((agent) => ({ caller, agent })),
);

const titles = { JSONRPC: 'JSON-RPC', 'HTTP+JSON': 'HTTP+JSON', GRPC: 'gRPC' } as const;

/** For people, such as `JSON-RPC 1.0`. */
export function titleOf(protocol: Protocol): Cell {
  return `${titles[bindingOf(protocol)]} ${versionOf(protocol)}`;
}

/** Whether a call goes through as it is. Over gRPC none does: what is carried is JSON, from protobuf and back. */
export function isTransparent({ caller, agent }: Pair): boolean {
  return caller === agent && bindingOf(caller) !== 'GRPC';
}
