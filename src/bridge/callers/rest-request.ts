import { GatewayError } from '../../failure.ts';
import { exactRestBody, type RestBody, type RestMatch } from '../../protocol/rest.ts';
import type { JsonObject } from '../core-call.ts';

/**
 * The request object of an HTTP+JSON call in core: what its path, its query and its body say, the path first.
 * @throws GatewayError `parameter_invalid` for what cannot be read
 */
export async function restRequest(
  match: RestMatch,
  { query, body }: { query: string; body: RestBody | undefined },
): Promise<JsonObject> {
  const given = body === undefined ? {} : exactRestBody(body, match);
  if (match.version === '0.3')
    return (await import('../v0_3/proto/rest.ts')).coreRequestOfRest(match, query, given);
  const { tenant: _, ...rest } = { ...queryMembers(query), ...given };
  return { ...rest, ...match.bindings };
}

/** Members of requests that are asked by GET and are no texts (A2A §3.1.3, §3.1.4). */
const readers: ReadonlyMap<string, (text: string) => unknown> = new Map<string, (text: string) => unknown>([
  ['historyLength', wholeNumber],
  ['pageSize', wholeNumber],
  ['includeArtifacts', truth],
]);

function queryMembers(query: string): Record<string, unknown> {
  const members = new Map<string, unknown>();
  for (const [name, text] of new URLSearchParams(query)) {
    const value = (readers.get(name) ?? String)(text);
    if (value === undefined)
      throw new GatewayError({ code: 'parameter_invalid', parameter: name, problem: 'type' });
    members.set(name, value);
  }
  return Object.fromEntries(members); // Not by assignment: `__proto__` is a name like any other.
}

function wholeNumber(text: string): number | undefined {
  return /^-?\d{1,9}$/.test(text) ? Number(text) : undefined;
}

function truth(text: string): boolean | undefined {
  return text === 'true' || text === 'false' ? text === 'true' : undefined;
}
