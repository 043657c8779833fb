import * as z from 'zod';
import { text } from '../limits.ts';

/** What a token is asked for, and where it is to be used. */
export const targetMembers = {
  scopes: z.array(text).max(64).default([]).describe('Scopes asked for.'),
  audience: text.optional().describe('`audience` asked for, where the server takes one.'),
  resource: z
    .url({ error: 'must be an absolute URI without fragment' })
    .max(2_048)
    .regex(/^[^#]*$/, { error: 'must be an absolute URI without fragment' })
    .optional()
    .describe('`resource` asked for (RFC 8707 §2).'),
};
