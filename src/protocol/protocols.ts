import type { ServedVersion } from './version.ts';

/** The bindings of A2A the gateway speaks, as cards name them (A2A §5.2). */
export const bindings = ['JSONRPC', 'HTTP+JSON', 'GRPC'] as const;
export type Binding = (typeof bindings)[number];

/** A binding of a version. */
export interface Protocol {
  protocolBinding: Binding;
  protocolVersion: ServedVersion;
}
