import * as z from 'zod';
import { toBase64 } from '../../protocol/bytes.ts';
import { credentialKind } from '../credential.ts';

const encoder = new TextEncoder();

/** RFC 7617 §2: no control character in either, no colon in the name. */
const printable = z.string().min(1).max(512);

/** User name and password (RFC 7617), in UTF-8. */
export const basic = credentialKind({
  type: 'basic',
  summary: 'A user name and a password (RFC 7617), in UTF-8.',
  example: { type: 'basic', username: 'gateway', password: '…' },
  members: {
    username: printable
      .regex(/^[^:\p{Cc}\p{Cs}]+$/u, 'must have no colon and no control character')
      .describe('The user the gateway is there; no colon.'),
  },
  secrets: {
    password: printable
      .regex(/^[^\p{Cc}\p{Cs}]+$/u, 'must have no control character')
      .describe('Password of the user.'),
  },
  open: () => ({
    apply(request, { members, secrets }, refused) {
      if (refused !== undefined) return undefined;
      const word = toBase64(encoder.encode(`${members.username}:${secrets.password}`));
      const authorization = `Basic ${word}`;
      return { ...request, headers: { ...request.headers, authorization } };
    },
  }),
});
