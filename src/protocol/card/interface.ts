import type { AgentInterface } from '../card.ts';
import { type CardReader, type Found, readItems, readMembers } from './reader.ts';
import { readRequiredText, readText } from './text.ts';
import { httpUrlProblem, isGrpcTarget } from './url.ts';

const interfaceMembers = ['url', 'protocolBinding', 'protocolVersion', 'tenant'] as const;

/** `transport` is the binding's name in 0.3. */
const olderInterfaceMembers = { transport: 'protocolBinding' } as const;

/** The three bindings of the specification (§5), by spellings found for them, letters and digits only. */
const bindings: ReadonlyMap<string, string> = new Map([
  ['JSONRPC', 'JSONRPC'],
  ['JSONRPC20', 'JSONRPC'],
  ['HTTPJSON', 'HTTP+JSON'],
  ['HTTPREST', 'HTTP+JSON'],
  ['REST', 'HTTP+JSON'],
  ['GRPC', 'GRPC'],
]);

/** Where the parts of an interface stand; the layouts differ in that alone. */
export interface InterfaceParts {
  url: Found;
  binding: Found;
  version: Found;
}

/**
 * The interfaces of a 1.0 card in the agent's order of preference. One whose binding is neither a known name nor a
 * URI is dropped: it cannot be called. There may be none left.
 *
 * @param cardVersion the card-level `protocolVersion` that release candidates of 1.0 still had; it stands in where an
 *   interface has none
 */
export function readInterfaces(reader: CardReader, found: Found, cardVersion: Found): AgentInterface[] {
  const items = readItems(reader, found, reader.limits.maxInterfaces);
  return distinct(
    reader,
    items,
    items.map((item) => readInterface(reader, item, cardVersion)),
  );
}

function readInterface(reader: CardReader, item: Found, cardVersion: Found): AgentInterface | undefined {
  const members = readMembers(reader, item, interfaceMembers, olderInterfaceMembers);
  if (members === undefined) return undefined;
  const agentInterface = toInterface(reader, item, {
    url: members.url,
    binding: members.protocolBinding,
    version: versionOf(reader, members.protocolVersion, cardVersion),
  });
  const rule = { kind: 'key', maxLength: reader.limits.maxNameLength, essential: true } as const;
  const tenant = readText(reader, members.tenant, rule);
  return agentInterface && tenant !== undefined ? { ...agentInterface, tenant } : agentInterface;
}

/**
 * One interface from its parts. A bad URL refuses the card for the bindings the gateway calls over HTTP; for GRPC and
 * custom bindings it costs that interface only.
 */
export function toInterface(
  reader: CardReader,
  item: Found,
  parts: InterfaceParts,
): AgentInterface | undefined {
  const protocolBinding = readBinding(reader, parts.binding);
  if (protocolBinding === undefined) return reader.warn(item, 'interface_dropped');
  const protocolVersion = readVersion(reader, parts.version);
  const url = readRequiredText(reader, parts.url, { kind: 'key', maxLength: reader.limits.maxUrlLength });
  if (url === undefined || protocolVersion === undefined) return undefined;
  const problem = urlProblem(url, protocolBinding);
  if (problem === undefined) return { url, protocolBinding, protocolVersion };
  return isHttpBinding(protocolBinding)
    ? reader.refuse(parts.url, problem)
    : reader.warn(item, 'interface_dropped');
}

/**
 * A protocol version as `Major.Minor` (§3.6). Patch digits are cut with a warning, before 0.3 is read as 0.3: the
 * layout and the methods of 0.2 are those of 0.3. Refuses what is no version.
 */
export function readVersion(reader: CardReader, found: Found): string | undefined {
  const match = /^v?(\d{1,3})(?:\.(\d{1,3})(?:\.[\w.+-]{1,32})?)?$/.exec(versionText(found));
  if (match === null) return reader.refuse(found, 'must be Major.Minor');
  const [major, minor] = [Number(match[1]), Number(match[2] ?? 0)];
  if (major === 0 && minor < 3) {
    reader.warn(found, 'version_old');
    return '0.3';
  }
  const version = `${major}.${minor}`;
  if (version !== found.value) reader.warn(found, 'version_respelled');
  return version;
}

/** A version before it is judged; empty for what is neither text nor number. */
export function versionText({ value }: Found): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value.trim() : '';
}

/** Without those that were not read and those named before. */
export function distinct(
  reader: CardReader,
  items: readonly Found[],
  read: readonly (AgentInterface | undefined)[],
): AgentInterface[] {
  const kept = new Map<string, AgentInterface>();
  read.forEach((agentInterface, index) => {
    if (agentInterface === undefined) return;
    const key = JSON.stringify(Object.entries(agentInterface));
    const item = items[index];
    if (kept.has(key) && item !== undefined) reader.warn(item, 'interface_repeated');
    else kept.set(key, agentInterface);
  });
  return [...kept.values()];
}

/** A binding's specified name; undefined for a name that is neither specified nor a URI (§5.8). */
function readBinding(reader: CardReader, found: Found): string | undefined {
  const name = readText(reader, found, {
    kind: 'key',
    maxLength: reader.limits.maxUrlLength,
    essential: true,
  });
  if (name === undefined) return undefined;
  if (/^https?:\/\/.|^urn:./i.test(name)) return name;
  const binding = bindings.get(name.toUpperCase().replace(/[^A-Z0-9]/g, ''));
  if (binding !== undefined && binding !== name) reader.warn(found, 'binding_respelled');
  return binding;
}

/** Interfaces without a version are of the card's own, or 1.0: only 1.0 has `supportedInterfaces`. */
function versionOf(reader: CardReader, version: Found, cardVersion: Found): Found {
  if (version.value !== undefined) return version;
  reader.warn(version, 'version_missing');
  return cardVersion.value === undefined ? { value: '1.0', path: version.path } : cardVersion;
}

function isHttpBinding(binding: string): boolean {
  return binding === 'JSONRPC' || binding === 'HTTP+JSON';
}

function urlProblem(url: string, binding: string): string | undefined {
  return binding === 'GRPC' && isGrpcTarget(url) ? undefined : httpUrlProblem(url);
}
