import { type Admin, type AdminAnswer, refusalOf } from './admin.ts';
import { isRecord, textsOf } from './attribute-value.ts';
import { type Outcome, oneLine } from './outcome.ts';
import { type AgentCoreBackend, registrationOf, type SampleAgent, type SamplePlace } from './sample-agent.ts';

/** A client secret, and when this version of it was made. */
export interface ClientSecret {
  clientSecret: string;
  createdAtMs: number;
}

/** What became of an agent. */
export type Moved = Pick<Outcome, 'outcome' | 'notes'>;

/** Tells who deactivated the agent here, so that only our own deactivation is ever undone. */
export const inactiveReason = 'inactive in the AWS sample';

/** An agent as the gateway shows it, and its entity tag. */
interface Held {
  view: AdminAnswer['body'];
  etag: string;
}

/**
 * Brings one agent to what the sample has: registers it, or changes what differs. A dry run writes nothing, and lets
 * the gateway check what it would register. Members the sample does not know (tags, owner) stay.
 *
 * @throws ImportStopped
 */
export async function moveAgent(
  agent: SampleAgent,
  secret: ClientSecret,
  admin: Admin,
  isDryRun: boolean,
): Promise<Moved> {
  const found = await admin.call('GET', pathOf(agent));
  if (found.status === 404) return createAgent(agent, secret, admin, isDryRun);
  if (!found.ok) return skipped(found);
  return updateAgent(agent, secret, admin, { view: found.body, etag: found.etag }, isDryRun);
}

async function createAgent(
  agent: SampleAgent,
  { clientSecret }: ClientSecret,
  admin: Admin,
  isDryRun: boolean,
): Promise<Moved> {
  const path = isDryRun ? '/admin/agents?validateOnly=true' : '/admin/agents';
  const body = registrationOf(agent, clientSecret);
  const created = await admin.call('POST', path, { body, secret: clientSecret });
  if (!created.ok) return skipped(created);
  const notes = statusNotes(agent, created.body);
  if (isDryRun || agent.isActive || created.body.status !== 'active') return { outcome: 'created', notes };
  const stopped = await setStatus(agent, admin, 'inactive', created.etag);
  return { outcome: 'created', notes: stopped.ok ? notes : [`still active: ${refusalOf(stopped)}`] };
}

async function updateAgent(
  agent: SampleAgent,
  secret: ClientSecret,
  admin: Admin,
  found: Held,
  isDryRun: boolean,
): Promise<Moved> {
  const status = statusChange(agent, found.view);
  const body = changeOf(agent, secret, found.view);
  if (status === undefined && body === undefined)
    return { outcome: 'unchanged', notes: statusNotes(agent, found.view) };
  if (isDryRun)
    return { outcome: 'updated', notes: status === 'active' ? [] : statusNotes(agent, found.view) };
  let held = found;
  // Taken out before it is changed, and put back after: never active as nobody wants it.
  const steps = [
    status === 'inactive' && (() => setStatus(agent, admin, 'inactive', held.etag)),
    body !== undefined &&
      (() => admin.call('PATCH', pathOf(agent), { body, secret: secret.clientSecret, ifMatch: held.etag })),
    status === 'active' && (() => setStatus(agent, admin, 'active', held.etag)),
  ];
  for (const step of steps) {
    if (step === false) continue;
    const answer = await step();
    if (!answer.ok) {
      if (held === found) return skipped(answer);
      return { outcome: 'updated', notes: [`only in part: ${refusalOf(answer)}`] };
    }
    held = { view: answer.body, etag: answer.etag };
  }
  return { outcome: 'updated', notes: statusNotes(agent, held.view) };
}

function pathOf({ agentId }: SampleAgent): string {
  return `/admin/agents/${agentId}`;
}

function setStatus(
  agent: SampleAgent,
  admin: Admin,
  status: 'active' | 'inactive',
  ifMatch: string,
): Promise<AdminAnswer> {
  const body = status === 'inactive' ? { status, reason: inactiveReason } : { status };
  return admin.call('PATCH', `${pathOf(agent)}/status`, { body, ifMatch });
}

/** What an administrator took out here stays out, whatever the sample says. */
function statusChange(
  { isActive }: SampleAgent,
  { status, statusReason }: Held['view'],
): 'active' | 'inactive' | undefined {
  if (!isActive) return status === 'active' ? 'inactive' : undefined;
  return status === 'inactive' && statusReason === inactiveReason ? 'active' : undefined;
}

/** The members to change. Credentials go along with every change of address: the gateway asks for them again. */
function changeOf(
  agent: SampleAgent,
  secret: ClientSecret,
  view: Held['view'],
): Record<string, unknown> | undefined {
  const { authConfig } = registrationOf(agent, secret.clientSecret);
  const moves = movesOf(agent.place, view);
  const isSame = Object.keys(moves).length === 0 && !authDiffers(agent, secret, view);
  return isSame ? undefined : { ...moves, authConfig };
}

/** What differs of where the agent is. One that changes its kind loses what only the other kind has. */
function movesOf(place: SamplePlace, view: Held['view']): Record<string, unknown> {
  if ('backend' in place) {
    if (sameMembers(view.backend, place.backend)) return {};
    return { ...place, ...(view.backendUrl !== undefined && { backendUrl: null }) };
  }
  const { agentCardUrl, backendUrl } = place;
  return {
    ...(view.agentCardUrl !== agentCardUrl && { agentCardUrl }),
    ...(view.backendUrl !== backendUrl && { backendUrl }),
    ...(isRecord(view.backend) && view.backend.type === 'agentcore' && { backend: null }),
  };
}

function sameMembers(held: unknown, wanted: AgentCoreBackend): boolean {
  const entries = Object.entries(wanted);
  return (
    isRecord(held) &&
    Object.keys(held).length === entries.length &&
    entries.every(([name, value]) => held[name] === value)
  );
}

/** A secret is never read back; one that is younger than the agent's last change here cannot be here yet. */
function authDiffers(agent: SampleAgent, { createdAtMs }: ClientSecret, view: Held['view']): boolean {
  const held = isRecord(view.authConfig) ? view.authConfig : {};
  return (
    held.type !== 'oauth2_client_credentials' ||
    held.tokenUrl !== agent.tokenUrl ||
    held.clientId !== agent.clientId ||
    !sameTexts(textsOf(held.scopes) ?? [], agent.scopes) ||
    createdAtMs > Date.parse(String(view.updatedAt))
  );
}

/** Whether two lists hold the same texts, in whatever order. */
export function sameTexts(one: readonly string[], other: readonly string[]): boolean {
  const sorted = [...other].sort();
  return one.length === other.length && [...one].sort().every((text, at) => text === sorted[at]);
}

function statusNotes({ isActive }: SampleAgent, { status, statusReason }: Held['view']): string[] {
  if (!isActive || status === 'active') return [];
  const reason = typeof statusReason === 'string' ? `, ${statusReason}` : '';
  return [oneLine(`active in the sample, ${String(status)} here${reason}`)];
}

/** A row the gateway refused. */
export function skipped(answer: AdminAnswer): Moved {
  return { outcome: 'skipped', notes: [refusalOf(answer)] };
}
