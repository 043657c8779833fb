import { distinct, toInterface, versionText } from '../card/interface.ts';
import { CardReader, type Found, readItems, readMembers } from '../card/reader.ts';
import type { AgentInterface } from '../card.ts';

/** The top-level members by which a 0.3 card names its endpoints (0.3 §5.5). */
export interface EndpointMembers {
  url: Found;
  preferredTransport: Found;
  additionalInterfaces: Found;
  protocolVersion: Found;
}

const additionalMembers = ['url', 'transport'] as const;

/**
 * The endpoints of a card in the 0.3 layout as 1.0 interfaces: `url` with its transport first, then the additional
 * ones, each in the card's protocol version. A missing version and 0.2.x are read as 0.3. A 1.x version is taken at
 * its word: the layout was that of 1.0's release candidates, and nothing else in the card says what is spoken.
 * Does not check that the transports offer the same operations (0.3 §3.4.1).
 */
export function readEndpoints(reader: CardReader, members: EndpointMembers): AgentInterface[] {
  const version = versionOf(reader, members.protocolVersion);
  const main = toInterface(reader, members.url, {
    url: members.url,
    binding: orDefault(members.preferredTransport, 'JSONRPC'),
    version,
  });
  const items = readItems(reader, members.additionalInterfaces, reader.limits.maxInterfaces);
  const additional = items.map((item) => readAdditional(reader, item, version));
  // The main endpoint may be among the additional ones (0.3 §5.5.3), so a repetition is no deviation.
  return distinct(new CardReader(reader.limits), [members.url, ...items], [main, ...additional]);
}

/**
 * The 0.3 endpoints of a card that has `supportedInterfaces` too and does not name them there. They count only when
 * the card declares a 0.x version: without one nothing shows that the `url` speaks A2A at all. A fault here costs
 * these endpoints, not the card: a 1.0 reader never looks at them.
 */
export function readLegacyEndpoints(
  reader: CardReader,
  members: EndpointMembers,
  named: readonly AgentInterface[],
): AgentInterface[] {
  if (members.url.value === undefined) return [];
  if (!declaresLegacyVersion(members.protocolVersion)) {
    const known = named.some(({ url }) => url === members.url.value);
    return known ? [] : leftOut(reader, members);
  }
  const trial = new CardReader(reader.limits);
  readEndpoints(trial, members);
  if (trial.problems > 0) return leftOut(reader, members);
  const names = new Set(named.map(nameOf));
  return readEndpoints(reader, members).filter((endpoint) => !names.has(nameOf(endpoint)));
}

function leftOut(reader: CardReader, members: EndpointMembers): AgentInterface[] {
  reader.warn(members.url, 'endpoint_dropped');
  return [];
}

function nameOf({ url, protocolBinding, protocolVersion }: AgentInterface): string {
  return `${protocolBinding} ${protocolVersion} ${url}`;
}

function readAdditional(reader: CardReader, item: Found, version: Found): AgentInterface | undefined {
  const members = readMembers(reader, item, additionalMembers, { protocolBinding: 'transport' });
  if (members === undefined) return undefined;
  return toInterface(reader, item, { url: members.url, binding: members.transport, version });
}

/** `0.3.0` is how 0.3 itself spells its version. */
function versionOf(reader: CardReader, found: Found): Found {
  if (found.value === undefined) reader.warn(found, 'version_missing');
  if (/^v?[1-9]/.test(versionText(found))) reader.warn(found, 'version_layout');
  const { path } = found;
  if (found.value === undefined || /^0\.3\.\d+$/.test(versionText(found))) return { value: '0.3', path };
  return found;
}

function declaresLegacyVersion(found: Found): boolean {
  return /^v?0(?:\.|$)/.test(versionText(found));
}

function orDefault(found: Found, value: string): Found {
  return found.value === undefined ? { ...found, value } : found;
}
