import { versionOf } from '../../examples/conformance/protocols.ts';
import { isRecord } from '../../src/protocol/json.ts';
import { isTransparent, type Pair } from './cells.ts';

/** What clients see of an agent that speaks their own protocol, with no gateway between. */
export interface Alone {
  /** As the caller of the pair would. */
  caller: unknown;
  /** As a client of what the agent of the pair speaks. */
  agent: unknown;
}

/**
 * What a caller may see through the gateway, given what it saw: where caller and agent speak alike, what the caller sees
 * alone. Else, member by member, what it sees alone or what the agent's own clients see: what one of the two protocols
 * cannot say is lost, or comes as the other says it, and nothing else is.
 */
export function expected(seen: unknown, alone: Alone, pair: Pair): unknown {
  return isTransparent(pair) ? alone.caller : between(seen, alone.caller, alone.agent);
}

function between(seen: unknown, one: unknown, other: unknown): unknown {
  if (Array.isArray(seen) && Array.isArray(one) && Array.isArray(other))
    return one.map((item, index) => between(seen[index], item, other[index]));
  if (isRecord(seen) && isRecord(one) && isRecord(other)) {
    const names = Object.keys({ ...one, ...other, ...seen });
    const members = names.map((name) => [name, between(seen[name], one[name], other[name])]);
    return Object.fromEntries(members.filter(([, value]) => value !== undefined));
  }
  return isEqual(seen, other) ? other : one;
}

function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What a caller saw, without what only the gateway adds. What it adds is compared elsewhere, on the wire. */
export function withoutAdditions(seen: unknown, pair: Pair): unknown {
  if (isTransparent(pair)) return seen;
  const plain = withoutKeptMembers(withoutErrorData(seen));
  return versionOf(pair.caller) === '0.3' ? withoutRepeated(plain) : plain;
}

/** What an error says beside what it is, which bindings and versions have different places for. */
function withoutErrorData(seen: unknown): unknown {
  if (!isRecord(seen) || !isRecord(seen.error)) return seen;
  const { data: _, metadata: __, ...error } = seen.error;
  return { error };
}

/** Members of parts that 0.3 has no place for are kept in metadata. */
function withoutKeptMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutKeptMembers);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value)
    .filter(([name]) => !name.startsWith('a2a-gateway:'))
    .map(([name, member]) => [name, withoutKeptMembers(member)] as const)
    .filter(([name, member]) => name !== 'metadata' || !isRecord(member) || Object.keys(member).length > 0);
  return Object.fromEntries(entries);
}

/** The last status of a stream that 0.3 is told once more, marked as the last. */
function withoutRepeated(seen: unknown): unknown {
  if (!Array.isArray(seen) || seen.length < 2) return seen;
  const [before, last] = seen.slice(-2);
  return isRecord(last) && isRecord(last.statusUpdate) && isEqual(before, last) ? seen.slice(0, -1) : seen;
}
