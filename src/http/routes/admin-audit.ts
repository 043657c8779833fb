import { auditEvents } from '../../audit/audit.ts';
import { readTrail, type TrailFilter } from '../../audit/read-trail.ts';
import { GatewayError } from '../../failure.ts';
import { timestampMs } from '../../protocol/timestamp.ts';
import type { UsageCounts, UsageFilter, UsageRow } from '../../store/ports/audit.ts';
import { pageRequest, pageTokenOf } from '../paging.ts';
import { json } from '../respond.ts';
import type { Route } from '../route.ts';

const dayMs = 86_400_000;

const paged = { pageSize: '1 to 100, default 50', pageToken: 'from the page before' };
const whose = {
  agentId: 'only of this agent',
  principal: 'only of this subject',
  issuer: 'and only of this issuer',
};

/** What was asked, decided and changed, and how much was used; administrators only. */
export const adminAuditRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/admin/audit',
    access: 'admin',
    summary: 'Records of the trail, the newest first; a page may be short and have a next one',
    answers: [200],
    query: {
      from: 'written then or later, as RFC 3339; default a day before `to`, or before now',
      to: 'written before; default: no end',
      event: auditEvents.join(', '),
      ...whose,
      ...paged,
    },
    async handle(call, { store, clock }) {
      const nowMs = clock.nowMs();
      const filter = trailFilter(call.query, nowMs);
      const { records, next } = await readTrail(store.audit, filter, pageRequest(call.query), nowMs);
      return json(call, { records, nextPageToken: pageTokenOf(next) });
    },
  },
  {
    method: 'GET',
    path: '/admin/usage',
    access: 'admin',
    summary: 'What each principal has had of each agent, by day; totals are of the page',
    answers: [200],
    query: {
      from: 'first day, as YYYY-MM-DD of UTC; default the first of the month of `to`',
      to: 'last day, included; default today',
      ...whose,
      ...paged,
    },
    async handle(call, { store, clock }) {
      const filter = usageFilter(call.query, clock.nowMs());
      const { rows, next } = await store.usage.list(filter, pageRequest(call.query));
      return json(call, { usage: rows, totals: totalsOf(rows), nextPageToken: pageTokenOf(next) });
    },
  },
];

/** @throws GatewayError `parameter_invalid` */
function trailFilter(query: string, nowMs: number): TrailFilter {
  const parameters = new URLSearchParams(query);
  const event = parameters.get('event');
  if (event !== null && !auditEvents.some((known) => known === event))
    throw invalid('event', auditEvents.join(', '));
  const toMs = timeOf(parameters, 'to');
  const fromMs = timeOf(parameters, 'from') ?? (toMs ?? nowMs) - dayMs;
  return {
    fromMs,
    toMs: toMs ?? Number.MAX_SAFE_INTEGER,
    ...whoseOf(parameters),
    ...(event !== null && { event }),
  };
}

function timeOf(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  const timeMs = timestampMs(text);
  if (timeMs === undefined || timeMs < 0) throw invalid(name, 'a time as in RFC 3339');
  return timeMs;
}

/** @throws GatewayError `parameter_invalid` */
function usageFilter(query: string, nowMs: number): UsageFilter {
  const parameters = new URLSearchParams(query);
  const to = dayOf(parameters, 'to') ?? new Date(nowMs).toISOString().slice(0, 'YYYY-MM-DD'.length);
  const from = dayOf(parameters, 'from') ?? `${to.slice(0, 'YYYY-MM'.length)}-01`;
  return { from, to, nowMs, ...whoseOf(parameters) };
}

function dayOf(parameters: URLSearchParams, name: string): string | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && timestampMs(`${text}T00:00:00Z`) !== undefined) return text;
  throw invalid(name, 'a day as YYYY-MM-DD');
}

/** Any texts: they are only compared. */
function whoseOf(parameters: URLSearchParams): Pick<UsageFilter, 'agentId' | 'issuer' | 'subject'> {
  const [agentId, subject, issuer] = ['agentId', 'principal', 'issuer'].map((name) => parameters.get(name));
  return {
    ...(agentId != null && { agentId }),
    ...(subject != null && { subject }),
    ...(issuer != null && { issuer }),
  };
}

function invalid(parameter: string, problem: string): GatewayError {
  return new GatewayError({ code: 'parameter_invalid', parameter, problem });
}

const counted = ['calls', 'errors', 'streams', 'streamMs', 'requestBytes', 'responseBytes'] as const;

function totalsOf(rows: readonly UsageRow[]): UsageCounts {
  const sumOf = (name: keyof UsageCounts) => rows.reduce((sum, row) => sum + row[name], 0);
  return Object.fromEntries(counted.map((name) => [name, sumOf(name)])) as Record<
    (typeof counted)[number],
    number
  >;
}
