import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Timing {
  wallMs: number;
  cpuMs: number;
}

export interface Played {
  imported: Timing;
  calls: Timing[];
  answers: string[];
}

/**
 * Node 24, as Lambda runs it: `NODE24`, or the first `node` of the path that says so.
 *
 * @throws Error where there is none
 */
export function findNode(environment: Readonly<Record<string, string | undefined>>): string {
  const { NODE24, PATH = '' } = environment;
  if (NODE24 !== undefined) return NODE24;
  if (process.version.startsWith('v24.')) return process.execPath;
  const named = PATH.split(delimiter)
    .map((folder) => join(folder, 'node24'))
    .find((file) => existsSync(file));
  if (named !== undefined) return named;
  throw new Error('no Node 24: name one in NODE24, such as `npm i node@24` in a folder of its own makes');
}

/** A fresh process plays events on a bundle. @throws Error with what the function threw */
export async function play(
  node: string,
  bundle: string,
  environment: Readonly<Record<string, string>>,
  events: readonly unknown[],
): Promise<Played> {
  const child: ChildProcess = fork(new URL('./runner.ts', import.meta.url), [], {
    execPath: node,
    // Not this process's own: it may run under tsx.
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { PATH: '/usr/bin:/bin', ...environment },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const errors: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  try {
    child.send({ bundle, events });
    const gone = once(child, 'exit').then(() => [{ error: `the process ended: ${errors.join('')}` }]);
    const [played] = (await Promise.race([once(child, 'message'), gone])) as [Played | { error: string }];
    if ('error' in played) throw new Error(`${bundle}: ${played.error}`);
    return played;
  } finally {
    child.kill('SIGKILL');
  }
}
