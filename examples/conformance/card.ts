import { AgentCard } from '@a2a-js/sdk';
import { bindingOf, type Protocol, versionOf } from './protocols.ts';

/** Where the agent listens. */
export interface Addresses {
  /** Without a trailing slash. */
  url: string;
  /** `host:port` */
  grpcTarget: string;
}

export interface CardOptions {
  protocols: readonly Protocol[];
  streaming: boolean;
  pushNotifications: boolean;
  extendedCard: boolean;
  /** Callers must know the extension, or are refused. */
  requireExtension: boolean;
}

/** Activated for whoever asks for it; it changes nothing. */
export const extensionUri = 'urn:a2a-gateway:examples:conformance';

/** Media types of messages that are taken; a part of another is refused (A2A §3.1.1). */
const inputModes = [
  'text/plain',
  'text/markdown',
  'application/json',
  'application/octet-stream',
  'application/pdf',
  'application/x-protobuf',
  'image/png',
];

const skill = {
  id: 'conformance',
  name: 'Conformance',
  description: 'Does what the id of a message says.',
  tags: ['conformance', 'test'],
};
const extendedSkill = {
  id: 'conformance-extended',
  name: 'Extended conformance',
  description: 'Told in the extended card alone.',
  tags: ['conformance', 'test'],
};

/** What both layouts spell alike. */
const common = {
  name: 'Conformance agent',
  description: 'Behaves as the id of a message says, for conformance kits.',
  version: '1.0.0',
  provider: { organization: 'A2A gateway examples', url: 'https://a2a-protocol.org' },
  defaultInputModes: inputModes,
  defaultOutputModes: ['text/plain', 'application/json', 'application/octet-stream'],
};

/** The card as the SDK works with it: every interface with its version, whatever it is. */
export function sdkCard(options: CardOptions, at: Addresses, { extended = false } = {}): AgentCard {
  const skills = extended ? [skill, extendedSkill] : [skill];
  return AgentCard.fromJSON({ ...common, ...currentMembers(options, at, options.protocols), skills });
}

/**
 * The public card as documents. An agent of one version has that version's card alone. One of both answers `1.0` to who
 * asks for it, and to all others the members of both in one document, of which each reader takes its own.
 */
export function publicCard(
  options: CardOptions,
  at: Addresses,
  askedVersion: string | undefined,
): Record<string, unknown> {
  const current = options.protocols.filter((protocol) => versionOf(protocol) === '1.0');
  const older = options.protocols.filter((protocol) => versionOf(protocol) === '0.3');
  const skills = [skill];
  if (older.length === 0 || (current.length > 0 && askedVersion === '1.0'))
    return { ...common, ...currentMembers(options, at, current), skills };
  if (current.length === 0) return { ...common, ...olderMembers(options, at, older), skills };
  const { capabilities, ...rest } = currentMembers(options, at, options.protocols);
  return { ...common, ...olderMembers(options, at, older), ...rest, capabilities, skills };
}

function currentMembers(options: CardOptions, at: Addresses, offered: readonly Protocol[]) {
  return {
    supportedInterfaces: offered.map((protocol) => ({
      url: urlOf(protocol, at),
      protocolBinding: bindingOf(protocol),
      protocolVersion: versionOf(protocol),
    })),
    capabilities: { ...capabilitiesOf(options), extendedAgentCard: options.extendedCard },
  };
}

function olderMembers(options: CardOptions, at: Addresses, offered: readonly Protocol[]) {
  const [preferred, ...additional] = offered.map((protocol) => ({
    url: urlOf(protocol, at),
    transport: bindingOf(protocol),
  }));
  return {
    protocolVersion: '0.3.0',
    url: preferred?.url,
    preferredTransport: preferred?.transport,
    additionalInterfaces: additional,
    capabilities: capabilitiesOf(options),
    supportsAuthenticatedExtendedCard: options.extendedCard,
  };
}

function capabilitiesOf({ streaming, pushNotifications, requireExtension }: CardOptions) {
  const extensions = [{ uri: extensionUri, description: 'Is activated.', required: requireExtension }];
  return { streaming, pushNotifications, extensions };
}

/** HTTP+JSON is at the root, where kits of 0.3 look for it. */
function urlOf(protocol: Protocol, { url, grpcTarget }: Addresses): string {
  switch (bindingOf(protocol)) {
    case 'JSONRPC':
      return `${url}/a2a/jsonrpc`;
    case 'HTTP+JSON':
      return versionOf(protocol) === '0.3' ? `${url}/` : url;
    case 'GRPC':
      return grpcTarget;
  }
}
