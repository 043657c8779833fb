import { bindingOf, type Protocol, versionOf } from '../../examples/conformance/protocols.ts';

/** What callers of the gateway speak. */
export const callerProtocols: readonly Protocol[] = [
  'jsonrpc-1.0',
  'http-json-1.0',
  'jsonrpc-0.3',
  'http-json-0.3',
];

/** What agents behind it speak. */
export const agentProtocols: readonly Protocol[] = [
  'jsonrpc-1.0',
  'http-json-1.0',
  'jsonrpc-0.3',
  'http-json-0.3',
];

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
export function titleOf(protocol: Protocol): string {
  return `${titles[bindingOf(protocol)]} ${versionOf(protocol)}`;
}

export function isTransparent({ caller, agent }: Pair): boolean {
  return caller === agent;
}
