import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endWithFile } from './endings.ts';

const root = join(import.meta.dirname, '../..');

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** A folder of its own; it goes when the file's tests are over. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'a2a-process-'));
  endWithFile(() => rmSync(folder, { recursive: true }));
  return folder;
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Lines of standard output and standard error. */
  out: string[];
  err: string[];
}

/** The gateway as a process; killed, if it still runs, when the file's tests are over. */
export interface GatewayProcess {
  /** The address of its ready line; rejects when it ends without one. */
  ready: Promise<string>;
  ended: Promise<Ended>;
  /** Its lines of standard output and standard error so far. */
  out: readonly string[];
  err: readonly string[];
  kill(signal: NodeJS.Signals): void;
}

const fromSource = ['--import', 'tsx', join(root, 'src/cli/bin.ts')];

/**
 * Runs `a2a-gateway`, with these variables beside `PATH` and nothing else of the environment.
 * @param program what Node is given before the arguments. Default: the source, by tsx
 */
export function runGateway(
  args: readonly string[],
  env: Record<string, string> = {},
  program: readonly string[] = fromSource,
): GatewayProcess {
  const child = spawn(process.execPath, [...program, ...args], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithFile(() => killed(child));
  const [out, err] = [linesOf(child.stdout), linesOf(child.stderr)];
  const ended = once(child, 'close').then(([code, signal]): Ended => ({ code, signal, out, err }));
  const ready = new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length));
    });
    void ended.then(() => reject(new Error(`ended before it was ready: ${err.join('\n')}`)));
  });
  ready.catch(() => {}); // Who awaits it is told; a process that is to be refused has nobody awaiting.
  return { ready, ended, out, err, kill: (signal) => void child.kill(signal) };
}

function linesOf(stream: NodeJS.ReadableStream): string[] {
  const lines: string[] = [];
  createInterface(stream).on('line', (line) => lines.push(line));
  return lines;
}

/**
 * The gateway in few files, which start several times as fast as its source: for tests that start it again and again. They
 * stand where its packages are found, and go when the file's tests are over.
 */
export async function bundledGateway(): Promise<readonly string[]> {
  const { build } = await import('esbuild');
  const outdir = mkdtempSync(join(root, 'node_modules/.a2a-process-'));
  endWithFile(() => rmSync(outdir, { recursive: true }));
  await build({
    entryPoints: [join(root, 'src/cli/bin.ts')],
    ...{ outdir, bundle: true, splitting: true, platform: 'node', format: 'esm', packages: 'external' },
  });
  return [join(outdir, 'bin.js')];
}
