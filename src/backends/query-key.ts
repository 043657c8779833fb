import { folded } from '../protocol/json.ts';

/** What A2A itself asks for in a query (§3.6.1, §11.5), and what the gateway reads there. */
const a2aNames: ReadonlySet<string> = new Set(
  [
    ...['tenant', 'id', 'name', 'taskId', 'contextId', 'status', 'historyLength', 'includeArtifacts'],
    ...['pageSize', 'pageToken', 'statusTimestampAfter', 'lastUpdatedAfter'],
    ...['A2A-Version', 'A2A-Extensions'],
  ].map(folded),
);

/** Whether a key may stand in a query under this name: letters that need no encoding, and no name of A2A's. */
export function isFreeQueryName(name: string): boolean {
  return /^[\w.~-]+$/.test(name) && !a2aNames.has(folded(name));
}

/**
 * The URL with one more pair at the end of its query. What stands there stays letter for letter, but for pairs that a
 * server could take for this one: a caller who sends the name too must not be read in its place.
 */
export function withQueryPair(url: URL, name: string, value: string): URL {
  const others = url.search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '' && !isCalled(pair, name));
  const changed = new URL(url);
  changed.search = [...others, `${name}=${encodeURIComponent(value)}`].join('&');
  return changed;
}

/** Brackets are around a nested name to some parsers, and some take `+` and encoded letters for what they stand for. */
function isCalled(pair: string, name: string): boolean {
  const given = decoded(pair.split('=', 1)[0]?.replaceAll('+', ' ') ?? '').trim();
  return folded(/^\[*([^[\]]*)/.exec(given)?.[1] ?? '') === folded(name);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // Of an interface's own URL: callers' queries have been through the decoder.
  }
}
