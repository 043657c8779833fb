/**
 * One execution environment, run by Node itself with its types stripped: imports a bundle, hands it events one after
 * the other, and tells how long each took. Stands in for Lambda's runtime as far as a function notices.
 */
import { Writable } from 'node:stream';

interface Timing {
  wallMs: number;
  /** Of this process, all threads. */
  cpuMs: number;
}

type Handler = (...args: unknown[]) => Promise<unknown>;

const streaming = new WeakSet<Handler>();
Object.assign(globalThis, {
  awslambda: {
    streamifyResponse(handler: Handler) {
      streaming.add(handler);
      return handler;
    },
  },
});

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; timing: Timing }> {
  const cpu = process.cpuUsage();
  const startedMs = performance.now();
  const value = await work();
  const wallMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(cpu);
  return { value, timing: { wallMs, cpuMs: (user + system) / 1_000 } };
}

/** What a handler answered, as text: the prelude of a streaming one, eight zeros and its body. */
async function call(handler: Handler, event: unknown): Promise<string> {
  const deadlineMs = Date.now() + 60_000;
  const context = { awsRequestId: 'bench', getRemainingTimeInMillis: () => deadlineMs - Date.now() };
  if (!streaming.has(handler)) return JSON.stringify(await handler(event, context));
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      chunks.push(chunk);
      done();
    },
  });
  const finished = new Promise((resolve) => stream.once('finish', resolve));
  await handler(event, Object.assign(stream, { setContentType() {} }), context);
  await finished;
  return Buffer.concat(chunks).toString();
}

process.once('message', async (message) => {
  const { bundle, events } = message as { bundle: string; events: unknown[] }; // Our own parent sends it.
  try {
    const { value: module, timing: imported } = await timed(() => import(bundle));
    const handler: Handler = module.handler;
    const answers: string[] = [];
    const calls: Timing[] = [];
    for (const event of events) {
      const { value, timing } = await timed(() => call(handler, event));
      answers.push(value);
      calls.push(timing);
    }
    process.send?.({ imported, calls, answers });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
