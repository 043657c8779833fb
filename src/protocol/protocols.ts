import type { ServedVersion } from './version.ts';

/** The bindings of A2A the gateway speaks, as cards name them (A2A §5.2). */
export const bindings = ['JSONRPC', 'HTTP+JSON', 'GRPC'] as const;
export type Binding = (typeof bindings)[number];

/** A binding of a version. */
export interface Protocol {
  protocolBinding: Binding;
  protocolVersion: ServedVersion;
}

/** What the gateway can speak with an agent, the soundest first: 0.3 over JSON-RPC alone maps to 1.0 without a seam. */
export const spokenProtocols: readonly Protocol[] = [
  protocol('JSONRPC', '1.0'),
  protocol('HTTP+JSON', '1.0'),
  protocol('GRPC', '1.0'),
  protocol('JSONRPC', '0.3'),
  protocol('HTTP+JSON', '0.3'),
  protocol('GRPC', '0.3'),
];

function protocol(protocolBinding: Binding, protocolVersion: ServedVersion): Protocol {
  return { protocolBinding, protocolVersion };
}
