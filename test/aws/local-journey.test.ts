import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { callAgents } from '../../examples/call-agents.ts';
import { describeWith } from './tools.ts';

const root = join(import.meta.dirname, '../..');

interface Started {
  url: string;
  lines: string[];
  /** Ids of the process and of all it started. */
  pids(): number[];
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

function run(env: Record<string, string> = {}) {
  return spawn(process.execPath, ['--import', 'tsx', 'aws-local/start.ts'], {
    cwd: root,
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function start(): Promise<Started> {
  const child = run();
  const said: string[] = [];
  createInterface(child.stderr).on('line', (line) => said.push(line));
  const lines: string[] = [];
  const ended = once(child, 'close');
  const url = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line);
      if (line.startsWith('ready ')) resolve(line.slice('ready '.length));
    });
    void ended.then(() => reject(new Error(`ended before it was ready: ${said.join('\n')}`)));
  });
  return {
    url,
    lines,
    pids: () => descendants(child.pid ?? 0),
    async stop(signal) {
      child.kill(signal);
      const [code] = await ended;
      return code;
    },
  };
}

function descendants(pid: number): number[] {
  const rows = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((row) => row.trim().split(/\s+/).map(Number));
  const found = [pid];
  for (const parent of found) found.push(...rows.flatMap(([id = 0, of]) => (of === parent ? [id] : [])));
  return found;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describeWith(['java', 'moto'], 'aws:local', () => {
  it('serves the same example as newcomer mode, and leaves nothing running', async () => {
    const local = await start();
    expect(local.lines.at(-1)).toBe(`ready ${local.url}`);
    let printed = '';
    await callAgents({
      baseUrl: local.url,
      print: (text) => {
        printed += text;
      },
    });
    expect(printed).toContain('researcher  stopped when asked: canceled');
    expect(printed.match(/veteran +counts: 5 words/g)).toHaveLength(2);
    expect(printed).not.toContain('GRPC');
    expect(printed).toMatch(/\nJSONRPC of 0\.3\n {2}echo +said: Hello there\n$/);
    const pids = local.pids();
    // Itself, two servers, and a process for at least three of the functions.
    expect(pids.length).toBeGreaterThan(5);
    expect(await local.stop('SIGTERM')).toBe(0);
    await expect.poll(() => pids.filter(isRunning), { timeout: 5_000 }).toEqual([]);
  });

  it('that lacks Java says so in one line', async () => {
    const child = run({ PATH: '' });
    const said: string[] = [];
    createInterface(child.stderr).on('line', (line) => said.push(line));
    const [code] = await once(child, 'close');
    expect([code, said]).toEqual([1, [expect.stringContaining('needs Java 17')]]);
  });

  it('that is stopped while it starts leaves nothing running', async () => {
    const child = run();
    await expect.poll(() => descendants(child.pid ?? 0).length, { timeout: 20_000 }).toBeGreaterThan(2);
    const pids = descendants(child.pid ?? 0);
    child.kill('SIGINT');
    await once(child, 'close');
    await expect.poll(() => pids.filter(isRunning), { timeout: 5_000 }).toEqual([]);
  });
});
