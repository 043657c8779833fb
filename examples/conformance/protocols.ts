/** What the agent can speak: a binding and a version of A2A. */
export const protocols = [
  'jsonrpc-1.0',
  'http-json-1.0',
  'grpc-1.0',
  'jsonrpc-0.3',
  'http-json-0.3',
  'grpc-0.3',
] as const;
export type Protocol = (typeof protocols)[number];

/** A binding as cards name it. */
export type ProtocolBinding = 'JSONRPC' | 'HTTP+JSON' | 'GRPC';

const parts: Readonly<Record<Protocol, readonly [ProtocolBinding, '1.0' | '0.3']>> = {
  'jsonrpc-1.0': ['JSONRPC', '1.0'],
  'http-json-1.0': ['HTTP+JSON', '1.0'],
  'grpc-1.0': ['GRPC', '1.0'],
  'jsonrpc-0.3': ['JSONRPC', '0.3'],
  'http-json-0.3': ['HTTP+JSON', '0.3'],
  'grpc-0.3': ['GRPC', '0.3'],
};

export function bindingOf(protocol: Protocol): ProtocolBinding {
  return parts[protocol][0];
}

export function versionOf(protocol: Protocol): '1.0' | '0.3' {
  return parts[protocol][1];
}

/** A list with commas; of nothing, all. @throws Error naming what is none */
export function parseProtocols(text: string | undefined): readonly Protocol[] {
  if (text === undefined) return protocols;
  return text.split(',').map((name) => {
    const protocol = protocols.find((known) => known === name.trim());
    if (protocol === undefined) throw new Error(`no protocol "${name}": give some of ${protocols.join(',')}`);
    return protocol;
  });
}
