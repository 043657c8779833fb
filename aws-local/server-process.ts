import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** A server of AWS's interfaces on this machine, in a process of its own. */
export interface LocalServer {
  endpoint: string;
  /** Ends the process and waits for its end. Safe to call twice. */
  close(): Promise<void>;
}

export interface ServerCommand {
  /** What it is, in an error. */
  name: string;
  command: string;
  args: (port: number) => readonly string[];
  /** Where it runs. Default: here. */
  cwd?: string;
}

const readyWithinMs = 30_000;
const pollMs = 50;
/** A port that was free may be taken before the server has it. */
const startsTried = 3;
const keptErrorBytes = 2_000;

/**
 * Starts a server on a free port of 127.0.0.1 and waits until it answers HTTP, with any status. It ends with this
 * process, however that ends.
 *
 * @throws Error when it does not answer within 30 s, or ends; with the last lines of its standard error
 */
export async function startServerProcess(command: ServerCommand): Promise<LocalServer> {
  for (let tried = 1; ; tried++) {
    try {
      return await start(command, await freePort());
    } catch (error) {
      if (tried === startsTried) throw error;
    }
  }
}

/**
 * Runs a command until it ends or standard input does, which it does with its writer: a process that is killed can tell its
 * children nothing.
 */
const withInput = `
  "$@" </dev/null & server=$!
  exec 3<&0
  (read -r _ <&3; kill -9 $server) & watch=$!
  wait $server; status=$?
  kill $watch
  exit $status`;

async function start({ name, command, args, cwd }: ServerCommand, port: number): Promise<LocalServer> {
  const child = spawn('sh', ['-c', withInput, 'sh', command, ...args(port)], {
    ...(cwd !== undefined && { cwd }),
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const said = lastErrorOf(child);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(`ended with ${signal ?? code}: ${said()}`));
  });
  const close = async () => {
    child.stdin?.end();
    await ended;
  };
  const endpoint = `http://127.0.0.1:${port}`;
  const trouble = await Promise.race([ended, answers(endpoint)]);
  if (trouble === undefined) return { endpoint, close };
  await close();
  throw new Error(`${name} does not start: ${trouble}`);
}

/** Undefined once the endpoint answers, or the trouble. */
async function answers(endpoint: string): Promise<string | undefined> {
  const end = Date.now() + readyWithinMs;
  while (Date.now() < end) {
    const response = await fetch(endpoint, { signal: AbortSignal.timeout(1_000) }).catch(() => undefined);
    await response?.body?.cancel();
    if (response !== undefined) return undefined;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return `no answer in ${readyWithinMs / 1_000} s`;
}

function lastErrorOf(child: ChildProcess): () => string {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk).slice(-keptErrorBytes);
  });
  return () => said.trim();
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number }; // A TCP server that listens has a port.
  server.close();
  await once(server, 'close');
  return port;
}
