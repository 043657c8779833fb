import { createLog } from '../../runtimes/node/log.ts';
import type { Progress, SearchStatus, SearchUpkeep } from '../../runtimes/node/search-upkeep.ts';
import type { Io } from '../io.ts';
import { loadSettings } from '../settings.ts';

export interface SearchOptions {
  /** File of the gateway's settings. */
  config?: string;
  json?: boolean;
}

/** `a2a-gateway search status`. @throws ConfigError and whatever keeps store or index from being opened */
export async function searchStatus({ config, json }: SearchOptions, io: Io): Promise<void> {
  await withUpkeep(config, io, async (upkeep) => {
    const status = await upkeep.status();
    for (const line of json === true ? [JSON.stringify(status)] : statusLines(status)) io.out(line);
  });
}

/** `a2a-gateway search rebuild`. @throws ConfigError and whatever keeps it from running to its end */
export async function searchRebuild({ config, json }: SearchOptions, io: Io): Promise<void> {
  await withUpkeep(config, io, async (upkeep) => {
    await upkeep.rebuild(createTeller(io, json === true));
    const status = await upkeep.status();
    if (json === true) io.out(JSON.stringify({ phase: 'done', ...status }));
    else for (const line of statusLines(status)) io.out(line);
  });
}

async function withUpkeep(
  config: string | undefined,
  io: Io,
  work: (upkeep: SearchUpkeep) => Promise<void>,
): Promise<void> {
  const settings = loadSettings(config, io);
  const log = createLog('warn', { write: (line) => io.err(line.trimEnd()) });
  // Loaded here, so that other commands never load it.
  const { openSearchUpkeep } = await import('../../runtimes/node/search-upkeep.ts');
  const upkeep = await openSearchUpkeep(settings, log);
  // Neither a thread nor a pause between tries keeps the process alive.
  const alive = setInterval(() => {}, 60_000);
  try {
    await work(upkeep);
  } finally {
    await upkeep.close();
    clearInterval(alive);
  }
}

const tellEveryMs = 1_000;

/** A line a second, and one where a phase ends. */
function createTeller(io: Io, json: boolean): Progress {
  let toldAtMs = Number.NEGATIVE_INFINITY;
  return (phase, done, total) => {
    if (done < total && performance.now() - toldAtMs < tellEveryMs) return;
    toldAtMs = performance.now();
    io.out(json ? JSON.stringify({ phase, done, total }) : `${phase.padEnd(10)} ${done} of ${total}`);
  };
}

function statusLines({ agents, documents, sets, modelId, ...status }: SearchStatus): string[] {
  return [
    `agents     ${agents} active`,
    ...(documents === undefined ? [] : [`documents  ${documents}, ${stepOf(status)}`]),
    ...sets.map((set) => `vectors    ${set.modelId}: ${stateOf(set)}`),
    ...(sets.some((set) => set.modelId === modelId) ? [] : [`vectors    ${modelId ?? 'model'}: none yet`]),
  ];
}

function stepOf({ follows, pending }: Pick<SearchStatus, 'follows' | 'pending'>): string {
  if (follows === false) return 'not of this registry: the next gateway to start makes them anew';
  return pending === 0 ? 'in step with the registry' : `${pending} changed since`;
}

function stateOf({ serves, vectors, missing }: SearchStatus['sets'][number]): string {
  const counted = vectors === undefined ? [] : [`${vectors}, ${missing} missing`];
  return [...counted, serves ? 'serves' : 'being made'].join(', ');
}
