import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endWithTest } from '../support/endings.ts';

/** Runs a script of this folder; it is killed after the test, if it still runs. */
export function runChild(script: string, args: readonly string[]): Child {
  const child = new Child(script, args);
  endWithTest(() => child.kill());
  return child;
}

export class Child {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(script: string, args: readonly string[]) {
    const command = ['--import', 'tsx', join(import.meta.dirname, script), ...args];
    this.#process = spawn(process.execPath, command, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    });
    // A killed child closes its end while a line may be on the way.
    this.#process.stdin?.on('error', () => {});
    const { stdout } = this.#process;
    if (stdout === null) throw new TypeError('the child was spawned with a pipe');
    this.#lines = createInterface(stdout)[Symbol.asyncIterator]();
  }

  /** Its next line; undefined when it has ended. */
  async line(): Promise<string | undefined> {
    const next = await this.#lines.next();
    return next.done === true ? undefined : next.value;
  }

  /** Sends a line and answers its next one. */
  async ask(line: string): Promise<string> {
    this.#process.stdin?.write(`${line}\n`);
    const answer = await this.line();
    if (answer === undefined) throw new Error('the child ended early');
    return answer;
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await gone;
  }
}
