import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { anAgent } from '../contract/store.ts';
import { endWithTest } from './endings.ts';

/** A process that answers each line it is told with a line. */
export class Racer {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(body: string) {
    this.#child = runScript(body);
    this.#lines = createInterface({ input: lineInput(this.#child) })[Symbol.asyncIterator]();
  }

  async ask(line: string): Promise<string> {
    this.#child.stdin?.write(`${line}\n`);
    const answer = await this.#lines.next();
    if (answer.done === true) throw new Error('the racer ended early');
    return answer.value;
  }

  async close(): Promise<void> {
    const closed = this.#child.exitCode === null ? once(this.#child, 'close') : undefined;
    this.#child.stdin?.end();
    await closed;
  }
}

/** Four of them, ended after the test. */
export function racersOf(body: string): Racer[] {
  const four = Array.from({ length: 4 }, () => new Racer(body));
  endWithTest(() => Promise.all(four.map((racer) => racer.close())));
  return four;
}

/** A process of a script that has what opens stores by its name. */
export function runScript(body: string): ChildProcess {
  const from = (relative: string) => JSON.stringify(new URL(relative, import.meta.url).href);
  const script = `import { writeSync } from 'node:fs';
    import { createInterface } from 'node:readline';
    import { loadSealingKeyFile } from ${from('../../src/store/sqlite/key-file.ts')};
    import { openSqliteStore } from ${from('../../src/store/sqlite/store.ts')};
    const anAgent = (agentId) => ({ ...${JSON.stringify(anAgent('a'))}, agentId });
    ${body}`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  // A killed child closes its end while a line may be on the way; the test reads its output, not this error.
  child.stdin?.on('error', () => {});
  return child;
}

export function lineInput(child: ChildProcess): NodeJS.ReadableStream {
  if (child.stdout === null) throw new TypeError('the child was spawned with a pipe');
  return child.stdout;
}
