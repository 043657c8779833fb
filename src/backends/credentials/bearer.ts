import { credentialKind } from '../credential.ts';
import { headerSecret } from '../header.ts';

/** A token that does not change by itself (RFC 6750 §2.1). */
export const bearer = credentialKind({
  type: 'bearer',
  summary: 'A token its owner brought, the same for every call (RFC 6750 §2.1).',
  example: { type: 'bearer', token: 'a-token' },
  members: {},
  secrets: {
    token: headerSecret
      .regex(/^\S+$/, 'must have no space: without the word Bearer')
      .describe('The token, without the word `Bearer`.'),
  },
  open: () => ({
    apply: (request, { secrets }, refused) =>
      refused === undefined
        ? { ...request, headers: { ...request.headers, authorization: `Bearer ${secrets.token}` } }
        : undefined,
  }),
});
