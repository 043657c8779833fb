import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'undici';

/** Measuring in turns: what is compared takes its turns in one run, so that a busy machine slows all alike. */

const connections = 32;
const turns = 6;
const turnMs = 2_000;

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

/** Lets each contestant take its turns; the first of each warms up and does not count. */
export async function measure(
  contestants: readonly Contestant[],
  body: string,
  check: (text: string) => boolean,
): Promise<Result[]> {
  const taken = contestants.map((): Result[] => []);
  for (let turn = 0; turn <= turns; turn++) {
    for (const [index, contestant] of contestants.entries()) {
      const result = await takeTurn(contestant, body, check);
      if (turn > 0) taken[index]?.push(result);
    }
  }
  return taken.map((results) => ({
    callsPerSecond: median(results.map((turn) => turn.callsPerSecond)),
    cpuUsPerCall: median(results.map((turn) => turn.cpuUsPerCall)),
  }));
}

async function takeTurn(
  contestant: Contestant,
  body: string,
  check: (text: string) => boolean,
): Promise<Result> {
  const dispatcher = new Agent({ connections, pipelining: 1 });
  const before = await cpuUs(contestant.process);
  const startedMs = performance.now();
  let calls = 0;
  const worker = async () => {
    while (performance.now() - startedMs < turnMs) {
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
