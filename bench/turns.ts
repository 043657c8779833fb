import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'undici';

/** Measuring in turns: what is compared takes its turns in one run, so that a busy machine slows all alike. */

const connections = 32;
const turns = 6;
const turnMs = 2_000;
/**
 * Calls that a process answers before its first turn. Until then the engine compiles, on threads whose time counts: after
 * five thousand sends the gateway was still seen to spend as much on that as on calls, after thirty thousand a few percent.
 */
const warmUpCalls = 30_000;

export interface Contestant {
  name: string;
  /** Whose CPU time is counted. */
  process: ChildProcess;
  url: string;
  headers: Record<string, string>;
}

/** Medians over the turns of one contestant. */
export interface Result {
  callsPerSecond: number;
  cpuUsPerCall: number;
}

/** Starts a process of this folder, as published: the compiled files beside this one. @throws Error for one that ends at once */
export async function start(
  name: string,
  ...args: string[]
): Promise<{ child: ChildProcess; ready: Record<string, string> }> {
  const child = fork(new URL(`./${name}.js`, import.meta.url), args, {
    stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
  });
  const failed = once(child, 'exit').then(() => Promise.reject(new Error(`${name} has ended`)));
  const [ready] = (await Promise.race([once(child, 'message'), failed])) as [Record<string, string>];
  return { child, ready };
}

/** What the load sends, and how it knows its answer. */
export interface Load {
  body: string;
  check(text: string): boolean;
  /** Default: one. A call that is many, such as a stream of events, warms up as many. */
  weight?: number;
}

/** Warms the contestants up, then lets each take its turns. */
export async function measure(contestants: readonly Contestant[], load: Load): Promise<Result[]> {
  for (const contestant of contestants) {
    const sharing = contestants.filter(({ process }) => process === contestant.process).length;
    const calls = Math.ceil(warmUpCalls / (sharing * (load.weight ?? 1)));
    await takeTurn(contestant, load, (taken) => taken >= calls);
  }
  const taken = contestants.map((): Result[] => []);
  for (let turn = 0; turn < turns; turn++) {
    for (const [index, contestant] of contestants.entries())
      taken[index]?.push(await takeTurn(contestant, load, (_, passedMs) => passedMs >= turnMs));
  }
  return taken.map((results) => ({
    callsPerSecond: median(results.map((turn) => turn.callsPerSecond)),
    cpuUsPerCall: median(results.map((turn) => turn.cpuUsPerCall)),
  }));
}

async function takeTurn(
  contestant: Contestant,
  { body, check }: Load,
  isOver: (calls: number, passedMs: number) => boolean,
): Promise<Result> {
  const dispatcher = new Agent({ connections, pipelining: 1 });
  const before = await cpuUs(contestant.process);
  const startedMs = performance.now();
  let calls = 0;
  const worker = async () => {
    while (!isOver(calls, performance.now() - startedMs)) {
      const { url, headers } = contestant;
      const answer = await request(url, { method: 'POST', headers, body, dispatcher });
      const text = await answer.body.text();
      if (answer.statusCode !== 200 || !check(text))
        throw new Error(`${contestant.name}: ${answer.statusCode} ${text}`);
      calls++;
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const seconds = (performance.now() - startedMs) / 1000;
  const used = (await cpuUs(contestant.process)) - before;
  await dispatcher.close();
  return { callsPerSecond: calls / seconds, cpuUsPerCall: used / calls };
}

async function cpuUs(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [{ cpuUs: used }] = (await once(child, 'message')) as [{ cpuUs: number }];
  return used;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
