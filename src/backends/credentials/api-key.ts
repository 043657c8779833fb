import * as z from 'zod';
import { credentialKind } from '../credential.ts';
import { fieldName, headerSecret, isFreeHeader } from '../header.ts';
import { isFreeQueryName, withQueryPair } from '../query-key.ts';

/** A key of the backend's own making, as OpenAPI's `apiKey` has it. */
export const apiKey = credentialKind({
  type: 'api_key',
  summary: 'A key in a header or a query parameter of any name.',
  notes: `A header is the better place: a key in a query is in the backend's own access logs, though in none of the
gateway's. A pair of the same name that a caller sends is taken out.`,
  example: { type: 'api_key', name: 'x-api-key', apiKey: 'a-key' },
  members: {
    name: fieldName.describe('Name of the header or the query parameter, such as `x-api-key`.'),
    in: z.enum(['header', 'query']).default('header').describe('Where the key goes.'),
    prefix: fieldName
      .optional()
      .describe(
        'A word before the key, and a space: `ApiKey` for `Authorization: ApiKey …`. In a header only.',
      ),
  },
  secrets: { apiKey: headerSecret.describe('The key.') },
  problemWith(given) {
    const inQuery = given.in === 'query';
    if (!(inQuery ? isFreeQueryName(given.name) : isFreeHeader(given.name)))
      return { member: 'name', problem: `must be a ${given.in} name that is not used otherwise` };
    if (inQuery && given.prefix !== undefined)
      return { member: 'prefix', problem: 'only for a key in a header' };
    return undefined;
  },
  notOverGrpc: (members) => (members.in === 'query' ? 'a key in a query' : undefined),
  headerOf: (members) => (members.in === 'header' ? members.name : undefined),
  open: () => ({
    apply(request, { members, secrets }, refused) {
      if (refused !== undefined) return undefined;
      const { name, prefix } = members;
      if (members.in === 'query')
        return { ...request, url: withQueryPair(request.url, name, secrets.apiKey) };
      const value = prefix === undefined ? secrets.apiKey : `${prefix} ${secrets.apiKey}`;
      return { ...request, headers: { ...request.headers, [name.toLowerCase()]: value } };
    },
  }),
});
