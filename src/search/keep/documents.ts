import type { Log } from '../../ports.ts';
import type { Agent } from '../../registry/agent.ts';
import type { AgentChanges, AgentStore } from '../../store/port.ts';
import { type SearchDocument, toSearchDocument } from '../document.ts';
import type { IndexPosition, KeptIndex } from '../kept-index.ts';

/** What the documents of an index are kept from. */
export interface DocumentDeps {
  index: KeptIndex;
  changes: AgentChanges;
  /** Not cached. */
  agents: AgentStore;
  log: Log;
}

/** Agents put at a time: their documents travel to the index's thread in one message, which stalls this one. */
const pageSize = 50;
/** Reads of agents go on for this long before other work has its turn. */
const sliceMs = 5;
/** An agent that changes this often while it is put is changed again soon, and then it is noted again. */
const maxRounds = 5;

/**
 * Whether the index has followed this store's changes up to a place from which all later ones are still there. False
 * for an index that is new, of another store, or of a copy of the store that was replaced by an older one.
 */
export async function followsFrom({
  index,
  changes,
}: Pick<DocumentDeps, 'index' | 'changes'>): Promise<boolean> {
  const { position } = await index.status();
  if (position === undefined || position.storeId !== (await changes.storeId())) return false;
  return changes.reaches(position.sequence);
}

/**
 * Puts into the index what has changed, and forgets it. Answers whether there was anything.
 * @param storeId the one of which it is known that the index follows it
 */
export async function followChanges(
  deps: DocumentDeps,
  storeId: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { changes } = deps;
  const breathe = createBreather();
  let found = false;
  while (!signal.aborted) {
    // From the first that is left, wherever the index is: one put twice does no harm, one forgotten twice neither.
    const page = await changes.after(0, pageSize);
    const last = page.at(-1);
    if (last === undefined) break;
    found = true;
    const ids = page.map(({ agentId }) => agentId);
    await putAgents(deps, breathe, ids, { storeId, sequence: last.sequence });
    await changes.forget(last.sequence);
  }
  return found;
}

export interface PassOptions {
  signal?: AbortSignal;
  /** Hears how many agents of how many have been put. */
  progress?(done: number, total: number): void;
}

/**
 * Puts every agent of the store into the index and removes what is not among them. What changes meanwhile is noted by the
 * store and is followed afterwards. Once it is through, the index follows the store from where the pass began.
 */
export async function passOverAll(deps: DocumentDeps, { signal, progress }: PassOptions = {}): Promise<void> {
  const { index, changes, agents } = deps;
  const position = await startOfPass(deps);
  const breathe = createBreather();
  const seen = new Set<string>();
  let next: string | undefined;
  do {
    const page = await agents.ids(
      { status: 'active' },
      { size: pageSize, ...(next !== undefined && { after: next }) },
    );
    await putAgents(deps, breathe, page.items);
    for (const agentId of page.items) seen.add(agentId);
    next = page.next;
    progress?.(seen.size, Math.max(page.totalSize, seen.size));
    if (signal?.aborted) return;
  } while (next !== undefined);
  await removeStrays(deps, breathe, seen, signal);
  if (signal?.aborted) return;
  await index.apply({ put: [], remove: [], position });
  await changes.forget(position.sequence);
}

/**
 * Taken before the first agent is read. Where the index knows numbers of this store that this store does not, another
 * copy of the store gave them: under a new id they mean nothing any more.
 */
async function startOfPass({ index, changes }: DocumentDeps): Promise<IndexPosition> {
  const { position } = await index.status();
  let storeId = await changes.storeId();
  if (position?.storeId === storeId && !(await changes.reaches(position.sequence)))
    storeId = await changes.beginAnew();
  return { storeId, sequence: await changes.last() };
}

async function removeStrays(
  deps: DocumentDeps,
  breathe: Breathe,
  seen: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<void> {
  let after: string | undefined;
  do {
    const ids = await deps.index.ids({ limit: 500, ...(after !== undefined && { after }) });
    const strays = ids.filter((agentId) => !seen.has(agentId));
    // Read again rather than removed: one may have been registered since, and put by another process.
    for (let at = 0; at < strays.length; at += pageSize)
      await putAgents(deps, breathe, strays.slice(at, at + pageSize));
    after = ids.at(-1);
  } while (after !== undefined && !signal?.aborted);
}

/**
 * Brings the documents of these agents up to date. Two processes may put the same agent at once, the one that read it
 * earlier last; so each reads again after it has put, and puts again what is another by then.
 */
async function putAgents(
  deps: DocumentDeps,
  breathe: Breathe,
  agentIds: readonly string[],
  position?: IndexPosition,
): Promise<void> {
  let left = agentIds;
  for (let round = 0; left.length > 0 && round < maxRounds; round += 1) {
    const states = await readAll(deps, breathe, left);
    const put = states.flatMap(({ document }) => document ?? []);
    const remove = states.filter(({ document }) => document === undefined).map(({ agentId }) => agentId);
    await deps.index.apply({ put, remove, ...(position !== undefined && { position }) });
    left = await changedSince(deps, breathe, states);
  }
}

interface AgentState {
  agentId: string;
  /** Tells one state of an agent from the next. */
  stamp: string;
  /** Absent: not to be found. */
  document?: SearchDocument;
}

async function readAll(
  deps: DocumentDeps,
  breathe: Breathe,
  agentIds: readonly string[],
): Promise<AgentState[]> {
  const states: AgentState[] = [];
  for (const agentId of agentIds) {
    const agent = await deps.agents.get(agentId, { fresh: true });
    const document = agent?.status === 'active' ? documentOf(agent, deps.log) : undefined;
    states.push({ agentId, stamp: stampOf(agent), ...(document !== undefined && { document }) });
    await breathe();
  }
  return states;
}

async function changedSince(
  { agents }: DocumentDeps,
  breathe: Breathe,
  states: readonly AgentState[],
): Promise<string[]> {
  const changed: string[] = [];
  for (const { agentId, stamp } of states) {
    if (stampOf(await agents.get(agentId, { fresh: true })) !== stamp) changed.push(agentId);
    await breathe();
  }
  return changed;
}

function stampOf(agent: Agent | undefined): string {
  return agent === undefined ? '' : `${agent.createdAtMs} ${agent.revision} ${agent.status}`;
}

/** An agent of which no document can be made is left out, so that it does not keep out all that follow. */
function documentOf(agent: Agent, log: Log): SearchDocument | undefined {
  try {
    return toSearchDocument(agent);
  } catch (cause) {
    log.write('error', 'search: agent left out', { agentId: agent.agentId, cause });
    return undefined;
  }
}

/** Called after each piece of work; lets others have their turn when it is time. */
type Breathe = () => Promise<void>;

/** The embedded store answers without waiting, so that a long loop over it would let nobody else in. */
function createBreather(): Breathe {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < sliceMs) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    since = performance.now();
  };
}
