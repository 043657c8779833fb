import { authorityOf } from '../protocol/card/url.ts';
import type { AgentInterface } from '../protocol/card.ts';
import { ordered } from '../protocol/card-json.ts';
import { isTrustLost, unchecked } from './card-trust.ts';
import type { FetchedCard } from './fetched-card.ts';

/**
 * What of a new card is for an administrator to judge, since it decides where callers' words and the credential go, or who
 * vouches for it. Everything else is the agent's own affair, and shown. `docs/registration.md` has the table.
 */
export type CardRiskKind = 'interface_host' | 'origin' | 'tenant' | 'security' | 'signature_lost';

export interface CardRisk {
  kind: CardRiskKind;
  /** RFC 6901, into the new card. */
  path: string;
  /** In one line, for those who manage the agent: it names the backend. */
  detail: string;
}

/** What is risky of a card that would take the place of another. Of what was not noted of the old one nothing is said. */
export function cardRisks(before: FetchedCard, after: FetchedCard): CardRisk[] {
  return [...placeRisks(before, after), ...cardOriginRisks(before, after), ...pledgeRisks(before, after)];
}

function placeRisks(before: FetchedCard, after: FetchedCard): CardRisk[] {
  const old = before.card.supportedInterfaces.map(placeOf);
  const known = {
    hosts: new Set(old.map(({ host }) => host)),
    origins: new Set(old.map(({ origin }) => origin)),
    tenants: new Set(old.map(({ tenant }) => tenant)),
  };
  return after.card.supportedInterfaces.flatMap((entry, index): CardRisk[] => {
    const path = `/supportedInterfaces/${index}`;
    const { host, origin, tenant } = placeOf(entry);
    const risks: CardRisk[] = [];
    if (!known.hosts.has(host))
      risks.push({ kind: 'interface_host', path: `${path}/url`, detail: `no interface was on ${host}` });
    else if (!known.origins.has(origin))
      risks.push({ kind: 'origin', path: `${path}/url`, detail: `no interface was at ${origin}` });
    if (!known.tenants.has(tenant))
      risks.push({ kind: 'tenant', path: `${path}/tenant`, detail: 'no interface was of this tenant' });
    return risks;
  });
}

/** Of gRPC, whose interfaces may have no scheme, the origin is host and port. */
function placeOf({ url, tenant = '' }: AgentInterface): { host: string; origin: string; tenant: string } {
  const { hostname: host, port } = authorityOf(url) ?? { hostname: url, port: '' };
  const scheme = /^https?:/i.exec(url)?.[0].toLowerCase() ?? '';
  return { host, origin: `${scheme}//${host}:${port}`, tenant };
}

function cardOriginRisks({ cardOrigin: from }: FetchedCard, { cardOrigin: to }: FetchedCard): CardRisk[] {
  if (from === undefined || to === undefined || from === to) return [];
  return [{ kind: 'origin', path: '', detail: `the card itself comes from ${to}, and came from ${from}` }];
}

function pledgeRisks(before: FetchedCard, after: FetchedCard): CardRisk[] {
  const risks: CardRisk[] = [];
  const { declaredSecurity: declared = after.declaredSecurity } = before;
  const names = new Set([...Object.keys(declared ?? {}), ...Object.keys(after.declaredSecurity ?? {})]);
  for (const name of [...names].sort()) {
    if (isSame(declared?.[name], after.declaredSecurity?.[name])) continue;
    risks.push({
      kind: 'security',
      path: `/${name}`,
      detail: 'what the agent says callers need has changed',
    });
  }
  if (isTrustLost(before.cardTrust, after.cardTrust ?? unchecked))
    risks.push({
      kind: 'signature_lost',
      path: '/signatures',
      detail: 'the served card is verified, this one is not',
    });
  return risks;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(ordered(one)) === JSON.stringify(ordered(other));
}
