import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import {
  type Dialect,
  dialects,
  idsIn,
  registerLegacy,
  sent,
  subscribed,
  take,
  withoutIds,
} from './support/resuming.ts';
import { answerEvents, nextCall } from './support/scripted-agent.ts';
import { readStream, type StreamReader } from './support/stream-reader.ts';

/** An agent's stream is held for a caller who is gone: who comes again goes on with it, without a gap and without the agent. */

const goodbye = ': the gateway is closing this stream; subscribe again\n\n';
const hour = 3_600_000;

async function start(streams: Record<string, unknown>): Promise<TestGateway> {
  const replay = { retentionMs: hour };
  const gateway = await startGateway({
    settings: { streams: { keepAliveMs: 60_000, replay, ...streams } },
  });
  await register(gateway, { agentId: 'brief', deadlines: { streamTotalTimeoutMs: 500 } });
  await registerLegacy(gateway);
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'stream', 'read'] });
  return gateway;
}

/** Subscribes again where the agent is not to be asked. */
async function goneOn(
  gateway: TestGateway,
  dialect: Dialect,
  lastEventId: string,
  id: unknown = 1,
  more: Record<string, string> = {},
): Promise<StreamReader> {
  const [path, init] = dialect.subscribe('t-1', id);
  const headers = { ...Object.fromEntries(new Headers(init.headers)), 'last-event-id': lastEventId, ...more };
  const response = await gateway.fetch(`/agents/${dialect.agentId}${path}`, { ...init, headers });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  return readStream(response);
}

describe('a stream whose caller is gone', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await start({ resumeWindowMs: hour });
  });
  afterAll(() => gateway.close());
  beforeEach(() => gateway.agent.seen.splice(0));

  it.each(dialects)(
    'goes on in $name from where it broke off, under the new id, to its end',
    async (dialect) => {
      const { held, stream } = await sent(gateway, dialect);
      held.response.write(dialect.event(1) + dialect.event(2));
      const [first = '', second = ''] = idsIn(await take(stream, 2));
      await stream.leave();
      held.response.write(dialect.event(3));
      const again = await goneOn(gateway, dialect, first, 'again');
      held.response.write(dialect.event(4));
      const got = await take(again, 3);
      held.response.end(dialect.event(5));
      const rest = await again.rest();
      const expected = [2, 3, 4, 5].map((n) => dialect.event(n, 'again')).join('');
      expect(withoutIds(got + rest)).toBe(expected);
      const ids = [2, 3, 4, 5].map((n) => second.replace(/2$/, String(n)));
      expect(idsIn(got + rest)).toEqual(ids);
      expect(gateway.agent.seen).toHaveLength(1);
    },
  );

  it.each(dialects)('goes on in $name where it had missed nothing', async (dialect) => {
    const { held, stream } = await sent(gateway, dialect);
    held.response.write(dialect.event(1));
    const [first = ''] = idsIn(await take(stream, 1));
    await stream.leave();
    const again = await goneOn(gateway, dialect, first);
    held.response.end(dialect.event(2));
    expect(withoutIds(await again.rest())).toBe(dialect.event(2));
  });

  it.each(dialects)('goes on in $name whoever else asks for it', async (dialect) => {
    const { held, stream } = await sent(gateway, dialect);
    held.response.write(dialect.event(1) + dialect.event(2));
    const [first = ''] = idsIn(await take(stream, 2));
    await stream.leave();
    const headers = { authorization: `Bearer ${await gateway.issuer.token({ sub: 'mallory' })}` };
    const theirs = await subscribed(gateway, dialect, first, { headers });
    theirs.held.response.end(dialect.event(9));
    expect(withoutIds(await theirs.stream.rest())).toBe(dialect.event(9));
    const ours = await goneOn(gateway, dialect, first);
    held.response.end(dialect.event(3));
    expect(withoutIds(await ours.rest())).toBe(dialect.event(2) + dialect.event(3));
  });

  it.each(dialects)(
    'goes on in $name though its caller seems to be there, who is sent away',
    async (dialect) => {
      const { held, stream } = await sent(gateway, dialect);
      held.response.write(dialect.event(1) + dialect.event(2));
      const [first = ''] = idsIn(await take(stream, 2));
      const again = await goneOn(gateway, dialect, first);
      expect(await stream.rest()).toBe(goodbye);
      held.response.end(dialect.event(3));
      expect(withoutIds(await again.rest())).toBe(dialect.event(2) + dialect.event(3));
      expect(gateway.agent.seen).toHaveLength(1);
    },
  );

  it('is not held where it cannot be gone on with: before its first event, or where the agent numbers them', async () => {
    const [dialect] = dialects;
    if (dialect === undefined) throw new TypeError('there are dialects');
    const silent = await sent(gateway, dialect);
    await silent.stream.leave();
    await silent.held.closed;
    const numbered = await sent(gateway, dialect);
    numbered.held.response.write(`id: 1\n${dialect.event(1)}`);
    await take(numbered.stream, 1);
    await numbered.stream.leave();
    await numbered.held.closed;
    const nameless = await sent(gateway, dialect);
    nameless.held.response.write('data: {"no":"task"}\n\n');
    await take(nameless.stream, 1);
    await nameless.stream.leave();
    await nameless.held.closed;
  });

  it('is not held where the caller left before it began', async () => {
    const [dialect] = dialects;
    const held = nextCall(gateway.agent);
    const left = new AbortController();
    const [path, init] = dialect?.send(1) ?? [];
    const answer = gateway.fetch(`/agents/agent${path}`, { ...init, signal: left.signal });
    const { closed } = await held;
    left.abort();
    await expect(answer).rejects.toThrow('aborted');
    await closed;
  });

  it('is whole, however often it is lost and wherever', async () => {
    const [dialect] = dialects;
    if (dialect === undefined) throw new TypeError('there are dialects');
    const losses = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(losses, async (sizes) => {
        const total = sizes.reduce((sum, size) => sum + size, 3);
        const opened = await sent(gateway, dialect);
        const { response } = opened.held;
        // Who comes again when the stream has ended is handed on to the agent, which has no more to say.
        gateway.agent.script(answerEvents());
        let written = 0;
        const writing = setInterval(() => {
          response.write(dialect.event(++written));
          if (written < total) return;
          clearInterval(writing);
          response.end();
        });
        let { stream } = opened;
        let got = '';
        for (const size of sizes) {
          got += await take(stream, size);
          await stream.leave();
          stream = await goneOn(gateway, dialect, idsIn(got).at(-1) ?? '');
        }
        got += await stream.rest();
        const all = Array.from({ length: total }, (_, index) => dialect.event(index + 1)).join('');
        expect(withoutIds(got)).toBe(all);
      }),
      { numRuns: 15 },
    );
  });

  it('ended by our own limit is held as well', async () => {
    const dialect = { ...(dialects[0] as Dialect), agentId: 'brief' };
    const { held, stream } = await sent(gateway, dialect);
    held.response.write(dialect.event(1));
    const got = await stream.rest();
    expect(withoutIds(got)).toBe(dialect.event(1) + goodbye);
    held.response.write(dialect.event(2));
    const again = await goneOn(gateway, dialect, idsIn(got)[0] ?? '');
    expect(withoutIds(await again.rest())).toBe(dialect.event(2) + goodbye);
    held.response.end();
  });

  async function openStreams(): Promise<number> {
    const health = await gateway.admin('GET', '/admin/agents/agent/health');
    const { processes } = (await health.json()) as { processes: { openStreams: number }[] };
    return processes[0]?.openStreams ?? 0;
  }

  it('that ended meanwhile gives what was missed, and the agent the rest', async () => {
    const [dialect] = dialects;
    if (dialect === undefined) throw new TypeError('there are dialects');
    const { held, stream } = await sent(gateway, dialect);
    held.response.write(dialect.event(1));
    const [first = ''] = idsIn(await take(stream, 1));
    await stream.leave();
    held.response.end(dialect.event(2));
    while ((await openStreams()) > 0) await new Promise(setImmediate);
    const again = await subscribed(gateway, dialect, first);
    again.held.response.end(dialect.event(3));
    expect(withoutIds(await again.stream.rest())).toBe(dialect.event(2) + dialect.event(3));
  });
});

describe('a stream nobody comes for', () => {
  const [dialect] = dialects;
  if (dialect === undefined) throw new TypeError('there are dialects');

  /** Leaves a stream behind; answers when the agent is released. */
  async function left(gateway: TestGateway): Promise<{ closed: Promise<void>; first: string }> {
    const { held, stream } = await sent(gateway, dialect as Dialect);
    held.response.write((dialect as Dialect).event(1));
    const [first = ''] = idsIn(await take(stream, 1));
    await stream.leave();
    return { closed: held.closed, first };
  }

  it('is closed when its time is over, and what was seen of it stays for a while', async () => {
    const gateway = await start({ resumeWindowMs: 1 });
    const { closed, first } = await left(gateway);
    await closed;
    const { held, stream } = await subscribed(gateway, dialect, first);
    held.response.end(dialect.event(2));
    expect(withoutIds(await stream.rest())).toBe(dialect.event(2));
    await gateway.close();
  });

  it('is closed for another, where no more may be held', async () => {
    const gateway = await start({ resumeWindowMs: hour, maxHeldStreams: 1 });
    const oldest = await left(gateway);
    const newest = await left(gateway);
    await oldest.closed;
    await goneOn(gateway, dialect, newest.first).then((stream) => stream.leave());
    await gateway.close();
    await newest.closed;
  });

  it('is closed with the gateway', async () => {
    const gateway = await start({ resumeWindowMs: hour });
    const { closed } = await left(gateway);
    await gateway.close();
    await closed;
  });
});
