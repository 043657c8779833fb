import { Worker } from 'node:worker_threads';
import { type CallMessage, fromFailed, type ThreadMessage } from './message.ts';

export interface ThreadOptions {
  /** What the script finds as `workerData`, each time it starts. */
  data?: unknown;
  /** Hears what the thread tells unasked. */
  heard?(event: unknown): void;
}

/** A script in a thread of its own, started with the first call and again with the first after it died. */
export interface Thread {
  /** @throws what the method threw, or that the thread died. */
  call<T>(method: string, argument?: unknown): Promise<T>;
  /** Ends the thread. Calls under way fail; later ones too. */
  close(): Promise<void>;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * Keeps the process alive only while calls wait.
 * @param script its name without ending, as `new URL('./script', import.meta.url)`
 */
export function createThread(script: URL, { data, heard = () => {} }: ThreadOptions = {}): Thread {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let lastId = 0;
  let isClosed = false;

  function start(): Worker {
    const started = open(script, data);
    started.on('message', (message: ThreadMessage) => {
      if ('event' in message) return heard(message.event);
      const call = waiting.get(message.id);
      waiting.delete(message.id);
      if (waiting.size === 0) started.unref();
      if ('failed' in message) call?.reject(fromFailed(message.failed));
      else call?.resolve(message.value);
    });
    // An exit follows every error.
    let cause: unknown;
    started.on('error', (error) => {
      cause = error;
    });
    started.on('exit', () => {
      if (worker === started) worker = undefined;
      const died = new Error('the thread ended', { cause });
      for (const call of waiting.values()) call.reject(died);
      waiting.clear();
    });
    return started;
  }

  return {
    call<T>(method: string, argument?: unknown): Promise<T> {
      return new Promise<T>((resolve, reject) => {
        if (isClosed) return reject(new Error('the thread is closed'));
        worker ??= start();
        worker.ref();
        lastId += 1;
        waiting.set(lastId, { resolve: resolve as (value: unknown) => void, reject });
        worker.postMessage({ id: lastId, method, argument } satisfies CallMessage);
      });
    },
    async close() {
      isClosed = true;
      await worker?.terminate();
    },
  };
}

/**
 * Run from source, a thread needs the loader of TypeScript, which Node 20 does not take over to threads: neither from the
 * main thread nor by `--import`.
 */
function open(script: URL, workerData: unknown): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL(`${script.href}.js`), { workerData });
  const source = JSON.stringify(`${script.href}.ts`);
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const load = `import(${loader}).then(({ register }) => { register(); return import(${source}); })`;
  return new Worker(load, { eval: true, workerData });
}
