import { setFlagsFromString } from 'node:v8';

import { runInNewContext } from 'node:vm';
import { afterEach, expect, it } from 'vitest';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { dialects } from './support/resuming.ts';

/** Ten thousand callers who connect, begin to stream and vanish leave nothing behind: no connection and no memory. */

const cycles = 10_000;
const atOnce = 50;
const mebibyte = 1024 * 1024;
let gateway: TestGateway;

afterEach(() => gateway.close());

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What is reachable, in this process, which holds callers, gateway and agent. */
async function heldBytes(): Promise<number> {
  // Finalizers run between two collections, and let go of more.
  for (let round = 0; round < 3; round++) {
    await new Promise(setImmediate);
    collectGarbage();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** What a test keeps to look at would be taken for a leak. */
function forgetWhatWasSeen(): void {
  gateway.agent.seen.splice(0);
  gateway.logged.splice(0);
}

/** One caller, who vanishes before the first event, behind it, or while more come. */
async function vanish(count: number): Promise<void> {
  const dialect = dialects[count % 2];
  if (dialect === undefined) throw new TypeError('there are two');
  const left = new AbortController();
  const [path, init] = count % 3 === 0 ? dialect.subscribe('t-1', count) : dialect.send(count);
  const answer = await gateway.fetch(`/agents/agent${path}`, { ...init, signal: left.signal });
  const reader = answer.body?.getReader();
  if (count % 5 !== 0) await reader?.read();
  if (count % 2 === 0) await reader?.cancel();
  left.abort();
}

async function vanishAll(from: number, to: number): Promise<void> {
  for (let count = from; count < to; count += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, (_, index) => vanish(count + index)));
    forgetWhatWasSeen();
  }
  while ((await gateway.agent.openConnections()) > 0) await new Promise(setImmediate);
}

it.each([
  ['whose streams end with them', {}],
  ['whose streams are held for a moment', { resumeWindowMs: 10 }],
])(
  'ten thousand vanished callers %s leave no connection and no memory',
  { timeout: 300_000 },
  async (_, more) => {
    const replay = { maxStreamBytes: 4_096, maxBytes: mebibyte };
    gateway = await startGateway({ settings: { streams: { replay, ...more } } });
    const [dialect] = dialects;
    gateway.agent.script((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      const writing = setInterval(() => response.write(dialect?.event(1)), 1);
      response.once('close', () => clearInterval(writing));
    });
    await vanishAll(0, cycles / 2);
    const half = await heldBytes();
    await vanishAll(cycles / 2, cycles);
    const whole = await heldBytes();
    // A kilobyte kept of each would be 5 MiB more.
    expect(whole - half).toBeLessThan(3 * mebibyte);
    expect(await gateway.agent.openConnections()).toBe(0);
  },
);
