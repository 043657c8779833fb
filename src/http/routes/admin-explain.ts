import * as z from 'zod';
import { maxTokenChars } from '../../access/authenticate.ts';
import { maxNameChars } from '../../access/grantee.ts';
import { maxSubjectChars } from '../../access/principal.ts';
import { maxGroups, maxScopes } from '../../access/token-claims.ts';
import { maxIdChars } from '../../protocol/guarded.ts';
import { operations } from '../../protocol/operations.ts';
import { permissionOperations } from '../../protocol/permission-operations.ts';
import { json } from '../respond.ts';
import { type Route, withBody } from '../route.ts';

const name = z.string().min(1).max(maxNameChars);
const scope = z.string().min(1).max(maxTokenChars);

const principal = z.strictObject({
  issuer: z.string().min(1).max(2_048),
  subject: z.string().min(1).max(maxSubjectChars),
  clientId: name.exactOptional(),
  tenant: name.exactOptional(),
  groups: z.array(name).max(maxGroups).exactOptional(),
  scopes: z.array(scope).max(maxScopes).exactOptional(),
});

const body = z
  .strictObject({
    principal: principal.exactOptional(),
    token: z.string().min(1).max(maxTokenChars).exactOptional(),
    agentId: z.string().min(1).max(maxIdChars),
    operation: z.enum([...permissionOperations, ...operations.map(({ name }) => name)]),
    skillId: z.string().max(maxIdChars).exactOptional(),
  })
  .transform(({ principal, token, ...asked }, context) => {
    if (token !== undefined && principal === undefined) return { ...asked, who: { token } };
    if (principal !== undefined && token === undefined) return { ...asked, who: { principal } };
    context.addIssue({ code: 'custom', path: ['principal'], message: 'either principal or token' });
    return z.NEVER;
  });

/** Why a call is let through or refused; administrators only. The token asked about is nowhere told, nor logged. */
export const adminExplainRoutes: readonly Route[] = [
  withBody({
    method: 'POST',
    path: '/admin/permissions/explain',
    access: 'admin',
    summary:
      'Which rule decides whether a principal, or the holder of a token, may do something with an agent',
    answers: [200],
    body,
    async handle(call, services) {
      const { explain } = await import('../explain.ts');
      const { skillId, ...asked } = call.body;
      // The empty text is no skill in a message either.
      return json(call, { ...(await explain({ ...asked, ...(skillId && { skillId }) }, services)) });
    },
  }),
];
