import type { AgentCapabilities, AgentExtension } from '../card.ts';
import { copyObject } from './json-copy.ts';
import { type CardReader, type Found, isObject, readItems, readMembers } from './reader.ts';
import { readText } from './text.ts';

// `stateTransitionHistory` is of 0.3 and promises nothing a caller can use; it is dropped unread.
const capabilityMembers = [
  'streaming',
  'pushNotifications',
  'extendedAgentCard',
  'extensions',
  'stateTransitionHistory',
] as const;
const flags = ['streaming', 'pushNotifications', 'extendedAgentCard'] as const;

const extensionMembers = ['uri', 'description', 'required', 'params'] as const;

/**
 * The capabilities of a card; none if it names none. A list of names is read as those capabilities.
 *
 * @param extendedCard 0.3's `supportsAuthenticatedExtendedCard`, counted when `extendedAgentCard` is not given
 */
export function readCapabilities(reader: CardReader, found: Found, extendedCard: Found): AgentCapabilities {
  const members = readMembers(
    reader,
    { value: asObject(reader, found), path: found.path },
    capabilityMembers,
  );
  if (members === undefined) return {};
  const capabilities: AgentCapabilities = {};
  for (const flag of flags) {
    const value = readFlag(reader, members[flag]);
    if (value !== undefined) capabilities[flag] = value;
  }
  const extended = readFlag(reader, extendedCard);
  if (extended !== undefined) capabilities.extendedAgentCard ??= extended;
  const extensions = readExtensions(reader, members.extensions);
  return extensions.length === 0 ? capabilities : { ...capabilities, extensions };
}

function asObject(reader: CardReader, found: Found): unknown {
  if (found.value !== undefined && !Array.isArray(found.value)) return found.value;
  reader.warn(found, found.value === undefined ? 'member_missing' : 'value_converted');
  const names = new Set<unknown>(found.value ?? []);
  return Object.fromEntries(flags.filter((flag) => names.has(flag)).map((flag) => [flag, true]));
}

/** What is not a boolean is dropped: a capability that is not plainly declared is not declared. */
function readFlag(reader: CardReader, found: Found): boolean | undefined {
  if (found.value === undefined || typeof found.value === 'boolean') return found.value;
  if (found.value !== 'true' && found.value !== 'false') return reader.warn(found, 'value_dropped');
  reader.warn(found, 'value_converted');
  return found.value === 'true';
}

function readExtensions(reader: CardReader, found: Found): AgentExtension[] {
  if (found.value !== undefined && !Array.isArray(found.value)) {
    reader.warn(found, 'value_dropped');
    return [];
  }
  return readItems(reader, found, reader.limits.maxExtensions)
    .map((item) => readExtension(reader, item))
    .filter((extension) => extension !== undefined);
}

/** `required: false` is left out: readers of a signed card disagree whether a default value is covered (§8.4.1). */
function readExtension(reader: CardReader, item: Found): AgentExtension | undefined {
  const value = typeof item.value === 'string' ? { uri: item.value } : item.value;
  if (value !== item.value) reader.warn(item, 'value_converted');
  if (!isObject(value)) return reader.warn(item, 'value_dropped');
  const members = readMembers(reader, { value, path: item.path }, extensionMembers);
  if (members === undefined) return undefined;
  const uri = readText(reader, members.uri, { kind: 'key', maxLength: reader.limits.maxUrlLength });
  if (uri === undefined) return reader.warn(item, 'value_dropped');
  const rule = { kind: 'prose', maxLength: reader.limits.maxTextLength } as const;
  const description = readText(reader, members.description, rule);
  const required = readFlag(reader, members.required);
  const params = readParams(reader, members.params);
  return {
    uri,
    ...(description !== undefined && { description }),
    ...(required && { required }),
    ...(params !== undefined && { params }),
  };
}

function readParams(reader: CardReader, found: Found): Record<string, unknown> | undefined {
  if (found.value === undefined) return undefined;
  if (!isObject(found.value)) return reader.warn(found, 'value_dropped');
  const params = copyObject(reader, found, found.value, reader.limits.maxParamsDepth);
  return Object.keys(params).length === 0 ? undefined : params;
}
