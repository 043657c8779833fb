import * as z from 'zod';
import { anonymousIssuer } from '../../access/anonymous.ts';
import { maxSubjectChars, type Principal } from '../../access/principal.ts';
import { actorOf } from '../../audit/audit.ts';
import { GatewayError } from '../../failure.ts';
import type { Revocation, RevokedTarget } from '../../store/ports/revocations.ts';
import { changerOf } from '../managed-agent.ts';
import { pageMembers, pageRequest } from '../paging.ts';
import { json, noContent } from '../respond.ts';
import { type Call, type Route, withBody } from '../route.ts';
import type { Services } from '../services.ts';

/** How many may hold at once: every process keeps all of them in memory. */
export const maxRevocations = 10_000;

const maxReasonChars = 512;
const dayMs = 86_400_000;
/** How long the id of a token is remembered unless it is said when the token ends: longer than any is good for. */
const tokenRetentionMs = 400 * dayMs;
/** How far the clock of who asks may be ahead. */
const maxAheadMs = 60_000;

const id = z.string().min(1).max(maxSubjectChars);
const time = z.iso.datetime({ offset: true });
const every = {
  issuer: z.string().min(1).max(2_048),
  reason: z.string().max(maxReasonChars).optional(),
  expiresAt: time.optional(),
};
const issuedBefore = time.optional();

const body = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('principal'), subject: id, issuedBefore, ...every }),
  z.strictObject({ kind: z.literal('client'), clientId: id, issuedBefore, ...every }),
  z.strictObject({ kind: z.literal('token'), tokenId: id, ...every }),
]);

type Given = z.output<typeof body>;

/** Who is refused in spite of a good token; administrators only. */
export const adminRevocationRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/admin/revocations',
    access: 'admin',
    summary: 'Revocations that hold, the latest first',
    answers: [200],
    query: {
      issuer: 'only of this issuer and one of the next three',
      subject: 'only of this principal',
      clientId: 'only of this client',
      tokenId: 'only of this token',
      pageSize: '1 to 100, default 50',
      pageToken: 'from the page before',
    },
    async handle(call, { store, clock }) {
      const page = await store.revocations.list(filterOf(call), pageRequest(call.query), clock.nowMs());
      return json(call, { revocations: page.items.map(revocationView), ...pageMembers(page) });
    },
  },
  withBody({
    method: 'POST',
    path: '/admin/revocations',
    access: 'admin',
    summary: 'Refuse a principal, a client or one token from now on',
    answers: [201],
    body,
    handle: (call, services) => revoke(call, services),
  }),
  {
    method: 'GET',
    path: '/admin/revocations/{revocationId}',
    access: 'admin',
    summary: 'A revocation',
    answers: [200],
    handle: async (call, services) => json(call, revocationView(await revocationOf(call, services))),
  },
  {
    method: 'DELETE',
    path: '/admin/revocations/{revocationId}',
    access: 'admin',
    summary: 'Lift a revocation; others of the same target go on holding',
    answers: [204],
    async handle(call, services) {
      const revocation = await revocationOf(call, services);
      if (await lift(call, revocation, services)) return noContent(call);
      throw new GatewayError({ code: 'revocation_not_found' });
    },
  },
];

async function lift(
  call: Call & { principal: Principal },
  revocation: Revocation,
  { store, changeTrail, revocations }: Services,
): Promise<boolean> {
  const { revocationId } = revocation;
  const change = { ...changerOf(call), action: 'revocation.lift', target: revocationId };
  try {
    return await changeTrail.change({ ...change, before: revocationView(revocation) }, (audited) =>
      store.revocations.delete(revocationId, audited),
    );
  } finally {
    revocations.written();
  }
}

async function revoke(
  call: Call & { principal: Principal; body: Given },
  services: Services,
): Promise<Response> {
  const { store, clock, newId, config } = services;
  const nowMs = clock.nowMs();
  const revocation = revocationFrom(call.body, call.principal, { nowMs, id: newId() });
  requireTrusted(revocation, config.issuers);
  requireOther(revocation, call.principal);
  await store.revocations.sweep(nowMs);
  const isMade = await keep(call, revocation, services);
  if (!isMade) throw new GatewayError({ code: 'revocations_full', maxRevocations });
  const location = `${config.publicUrl.replace(/\/$/, '')}/admin/revocations/${revocation.revocationId}`;
  return json(call, revocationView(revocation), 201, { location });
}

/** However the write ends, it may have been done. */
async function keep(
  call: Call & { principal: Principal },
  revocation: Revocation,
  { store, changeTrail, revocations }: Services,
): Promise<boolean> {
  const change = { ...changerOf(call), action: 'revocation.make', target: revocation.revocationId };
  try {
    return await changeTrail.change({ ...change, after: revocationView(revocation) }, (audited) =>
      store.revocations.create(revocation, maxRevocations, audited),
    );
  } finally {
    revocations.written();
  }
}

function revocationFrom(
  given: Given,
  by: Principal,
  { nowMs, id }: { nowMs: number; id: string },
): Revocation {
  const issuedBeforeMs = 'issuedBefore' in given ? timeOf(given.issuedBefore) : undefined;
  if (issuedBeforeMs !== undefined && issuedBeforeMs > nowMs + maxAheadMs)
    throw refused('issuedBefore', 'must not be in the future');
  const expiresAtMs =
    timeOf(given.expiresAt) ?? (given.kind === 'token' ? nowMs + tokenRetentionMs : undefined);
  if (expiresAtMs !== undefined && expiresAtMs <= nowMs) throw refused('expiresAt', 'must be in the future');
  return {
    revocationId: revocationIdOf(nowMs, id),
    ...targetOf(given),
    // Tokens tell whole seconds: one of the second that has begun may be of before.
    ...(issuedBeforeMs !== undefined && { issuedBeforeSeconds: Math.ceil(issuedBeforeMs / 1_000) }),
    ...(given.reason !== undefined && { reason: given.reason }),
    createdAtMs: nowMs,
    createdBy: actorOf(by),
    ...(expiresAtMs !== undefined && { expiresAtMs }),
  };
}

const timeChars = `${Number.MAX_SAFE_INTEGER}`.length;

/** Sorts with the latest first, as lists are. */
function revocationIdOf(createdAtMs: number, id: string): string {
  return `${`${Number.MAX_SAFE_INTEGER - createdAtMs}`.padStart(timeChars, '0')}-${id}`;
}

function targetOf(given: Given): RevokedTarget {
  const { kind, issuer } = given;
  switch (given.kind) {
    case 'principal':
      return { kind, issuer, id: given.subject };
    case 'client':
      return { kind, issuer, id: given.clientId };
    case 'token':
      return { kind, issuer, id: given.tokenId };
  }
}

/** One that is misspelled would be kept, and refuse nobody. */
function requireTrusted({ issuer }: RevokedTarget, issuers: readonly { issuer: string }[]): void {
  if (issuer === anonymousIssuer || issuers.some((trusted) => trusted.issuer === issuer)) return;
  throw refused('issuer', 'not one whose tokens are taken here');
}

/** Nobody might be left to lift it. One's own tokens of before may be revoked, where a later one is known for what it is. */
function requireOther({ kind, issuer, id, issuedBeforeSeconds }: Revocation, own: Principal): void {
  const endsByAnotherToken = issuedBeforeSeconds !== undefined && own.issuedAtSeconds !== undefined;
  if (issuer !== own.issuer || endsByAnotherToken) return;
  if (kind === 'principal' && id === own.subject) throw refused('subject', 'your own');
  if (kind === 'client' && id === own.clientId) throw refused('clientId', 'your own');
}

async function revocationOf(call: Call, { store, clock }: Services): Promise<Revocation> {
  const { revocationId = '' } = call.params;
  const isId = /^[\w-]{1,128}$/.test(revocationId);
  const found = isId ? await store.revocations.get(revocationId, clock.nowMs()) : undefined;
  if (found !== undefined) return found;
  throw new GatewayError({ code: 'revocation_not_found' });
}

const idMembers = { principal: 'subject', client: 'clientId', token: 'tokenId' } as const;

/** All of a target or nothing of it: half of one would look like a list of all. */
function filterOf({ query }: Call): { target?: RevokedTarget } {
  const parameters = new URLSearchParams(query);
  const issuer = parameters.get('issuer');
  const named = Object.entries(idMembers).flatMap(([kind, member]) =>
    parameters.getAll(member).map((id) => ({ kind: kind as RevokedTarget['kind'], id })),
  );
  const [target, ...others] = named;
  if (issuer === null && target === undefined) return {};
  if (issuer !== null && target !== undefined && others.length === 0)
    return { target: { ...target, issuer } };
  throw refused('issuer', 'goes with one of subject, clientId and tokenId');
}

function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

function refused(parameter: string, problem: string): GatewayError {
  return new GatewayError({ code: 'parameter_invalid', parameter, problem });
}

function revocationView(revocation: Revocation): Record<string, unknown> {
  const { revocationId, kind, issuer, id, reason, createdBy } = revocation;
  const { issuedBeforeSeconds, createdAtMs, expiresAtMs } = revocation;
  return {
    ...{ revocationId, kind, issuer, [idMembers[kind]]: id },
    ...(issuedBeforeSeconds !== undefined && { issuedBefore: isoOf(issuedBeforeSeconds * 1_000) }),
    ...(reason !== undefined && { reason }),
    createdAt: isoOf(createdAtMs),
    createdBy,
    ...(expiresAtMs !== undefined && { expiresAt: isoOf(expiresAtMs) }),
  };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}
