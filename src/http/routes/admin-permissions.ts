import * as z from 'zod';
import { isGrantee } from '../../access/grantee.ts';
import { defaultOperations, type Permission } from '../../access/permission.ts';
import { permissionMembers } from '../../access/permission-schema.ts';
import { permissionView } from '../../access/permission-view.ts';
import type { Principal } from '../../access/principal.ts';
import { permissionChange } from '../../audit/permission-change.ts';
import { GatewayError } from '../../failure.ts';
import { changerOf } from '../managed-agent.ts';
import { pageMembers, pageRequest } from '../paging.ts';
import { matchesNone, requireMatch, revisionTag } from '../precondition.ts';
import { json, noContent } from '../respond.ts';
import { type Call, type Route, withBody } from '../route.ts';
import type { Services } from '../services.ts';

const body = z.strictObject({
  ...permissionMembers,
  operations: permissionMembers.operations.default([...defaultOperations]),
});

/** What each scope, group and client is granted; administrators only. */
export const adminPermissionRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/admin/permissions',
    access: 'admin',
    summary: 'All permissions',
    answers: [200],
    query: { pageSize: '1 to 100, default 50', pageToken: 'from the page before' },
    async handle(call, { store }) {
      const page = await store.permissions.list(pageRequest(call.query));
      return json(call, { permissions: page.items.map(permissionView), ...pageMembers(page) });
    },
  },
  {
    method: 'GET',
    path: '/admin/permissions/{scope}',
    access: 'admin',
    summary: 'What a scope, `group:<name>`, `client:<id>` or `tenant:<name>` is granted',
    answers: [200],
    async handle(call, services) {
      const permission = await services.store.permissions.get(scopeOf(call), { fresh: true });
      if (permission === undefined) throw new GatewayError({ code: 'permission_not_found' });
      return permissionAnswer(call, permission, 200);
    },
  },
  withBody({
    method: 'PUT',
    path: '/admin/permissions/{scope}',
    access: 'admin',
    summary:
      'Set what a scope, `group:<name>`, `client:<id>` or `tenant:<name>` is granted; If-Match or If-None-Match guards against overwriting another change',
    answers: [200, 201],
    body,
    handle: (call, services) => putPermission(call, call.body, services),
  }),
  {
    method: 'DELETE',
    path: '/admin/permissions/{scope}',
    access: 'admin',
    summary: 'Take away what a scope, `group:<name>`, `client:<id>` or `tenant:<name>` is granted',
    answers: [204],
    handle: deletePermission,
  },
];

async function putPermission(
  call: Call & { principal: Principal },
  given: z.output<typeof body>,
  services: Services,
): Promise<Response> {
  const { store, clock, changeTrail } = services;
  const scope = scopeOf(call);
  checkCondition(given.condition, services);
  const before = await store.permissions.get(scope, { fresh: true });
  const nowMs = clock.nowMs();
  const permission: Permission = {
    scope,
    ...given,
    // A scope set again goes on counting: an ETag of the permission before it never matches.
    revision: before === undefined ? nowMs : before.revision + 1,
    createdAtMs: before?.createdAtMs ?? nowMs,
    updatedAtMs: nowMs,
  };
  const change = permissionChange(changerOf(call), { before, after: permission });
  if (before === undefined) {
    if (call.request.headers.has('if-match')) throw new GatewayError({ code: 'precondition_failed' });
    const isNew = await changeTrail.change(change, (audited) =>
      store.permissions.create(permission, audited),
    );
    if (isNew) return permissionAnswer(call, permission, 201);
  } else {
    requireMatch(call.request, before.revision, false);
    if (matchesNone(call.request, revisionTag(before.revision)))
      throw new GatewayError({ code: 'precondition_failed' });
    const isReplaced = await changeTrail.change(change, (audited) =>
      store.permissions.replace(permission, before.revision, audited),
    );
    if (isReplaced) return permissionAnswer(call, permission, 200);
  }
  // Another write came between reading and writing; which of the two stands is for the callers to say.
  throw new GatewayError({ code: 'precondition_failed' });
}

/** What the trail says was taken away is what was: a permission that has changed since it was read is read again. */
async function deletePermission(
  call: Call & { principal: Principal },
  { store, changeTrail }: Services,
): Promise<Response> {
  const scope = scopeOf(call);
  for (;;) {
    const before = await store.permissions.get(scope, { fresh: true });
    if (before === undefined) throw new GatewayError({ code: 'permission_not_found' });
    requireMatch(call.request, before.revision, false);
    const change = permissionChange(changerOf(call), { before });
    const isGone = await changeTrail.change(change, (audited) =>
      store.permissions.delete(scope, before.revision, audited),
    );
    if (isGone) return noContent(call);
  }
}

/** @throws GatewayError `parameter_invalid`, in the words of who judges conditions */
function checkCondition(condition: string | undefined, { conditions }: Services): void {
  const problem = condition === undefined ? undefined : conditions.problemWith(condition);
  if (problem !== undefined)
    throw new GatewayError({ code: 'parameter_invalid', parameter: 'condition', problem });
}

/** To whom the permission is given, in the one spelling a path has for it: what need not be encoded is not. */
function scopeOf(call: Call): string {
  const spelled = call.params.scope ?? '';
  const scope = decodeURIComponent(spelled);
  const isOneSpelling = encodeURIComponent(scope).replaceAll('%3A', ':') === spelled;
  if (isOneSpelling && isGrantee(scope)) return scope;
  const problem = isOneSpelling
    ? 'not a scope, group:<name>, client:<id> or tenant:<name>'
    : 'not in its one spelling';
  throw new GatewayError({ code: 'parameter_invalid', parameter: 'scope', problem });
}

function permissionAnswer(call: Call, permission: Permission, status: number): Response {
  return json(call, permissionView(permission), status, { etag: revisionTag(permission.revision) });
}
