import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { environmentOf, type FunctionDefinition, type FunctionHost } from './function.ts';
import { FunctionError } from './function-error.ts';
import type { Answer } from './invocations.ts';
import { type RuntimeApi, startRuntimeApi } from './runtime-api.ts';

/** Lambda's own limit on everything before the first event. */
const initTimeoutMs = 10_000;

/** One execution environment: a process, and the Runtime API it talks to. */
export interface FunctionProcess {
  /** Resolves when it can take an event. @throws FunctionError when it cannot start, or died */
  idle(): Promise<void>;
  /** Only when idle. The process is killed when the function's timeout passes first. @throws FunctionError */
  invoke(event: string, reader?: AbortSignal): Promise<Answer>;
  /** Resolves when the process has gone, whatever ended it. */
  gone: Promise<void>;
  /** Kills it. */
  close(): Promise<void>;
}

export async function startFunctionProcess(
  definition: FunctionDefinition,
  host: FunctionHost,
): Promise<FunctionProcess> {
  const api = await startRuntimeApi();
  const [program = process.execPath, ...args] = host.command;
  const child = spawn(program, args, {
    cwd: definition.codeFolder,
    env: environmentOf(definition, host, api.address),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => host.print(definition.name, line));
  }
  const gone = goneFrom(child, api);
  const stop = deadline(initTimeoutMs, () => {
    api.fail(new FunctionError('Sandbox.Timedout', `init took longer than ${initTimeoutMs / 1000} seconds`));
    child.kill('SIGKILL');
  });
  void api.idle().then(stop, stop);
  return {
    idle: () => api.idle(),
    invoke: (event, reader) => invoke(event, definition, api, child, reader),
    gone,
    async close() {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

function goneFrom(child: ChildProcess, api: RuntimeApi): Promise<void> {
  return new Promise((resolve) => {
    const end = (words: string) => {
      api.fail(new FunctionError('Runtime.ExitError', `the runtime ${words}`));
      void api.close().then(resolve);
    };
    child.once('error', (error) => end(`did not start: ${error.message}`));
    child.once('exit', (code, signal) => end(`exited with ${signal ?? `status ${code}`}`));
  });
}

async function invoke(
  event: string,
  { timeoutSeconds, arn }: FunctionDefinition,
  api: RuntimeApi,
  child: ChildProcess,
  reader: AbortSignal | undefined,
): Promise<Answer> {
  const timeoutMs = timeoutSeconds * 1000;
  const answer = api.invoke(event, { deadlineMs: Date.now() + timeoutMs, functionArn: arn, reader });
  // The clock runs until the runtime asks for the next event, which may be long after the answer.
  const stop = deadline(timeoutMs, () => {
    api.fail(
      new FunctionError('Sandbox.Timedout', `Task timed out after ${timeoutSeconds.toFixed(2)} seconds`),
    );
    child.kill('SIGKILL');
  });
  void api.idle().then(stop, stop);
  return answer;
}

/** Calls `end` after a time, unless stopped. */
function deadline(ms: number, end: () => void): () => void {
  const timer = setTimeout(end, ms);
  return () => clearTimeout(timer);
}
