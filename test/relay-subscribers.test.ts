import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cites } from './support/cites.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { dialects, type OpenStream, opened, sent, take, withoutIds } from './support/resuming.ts';

/** Several callers watch one task, each by a stream of its own. */

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ settings: { streams: { keepAliveMs: 60_000, replay: {} } } });
});
afterAll(() => gateway.close());

describe.each(dialects.filter(({ agentId }) => agentId === 'agent'))('subscribers in $name', (dialect) => {
  const events = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, index) => dialect.event(from + index)).join('');

  async function watch(): Promise<OpenStream[]> {
    const first = await sent(gateway, dialect);
    const second = await opened(gateway, dialect, dialect.subscribe('t-1', 1));
    const third = await opened(gateway, dialect, dialect.subscribe('t-1', 1));
    return [first, second, third];
  }

  /** As the agent does: one event to each that is still there, then the next. */
  function broadcast(streams: readonly OpenStream[], from: number, to: number): void {
    for (let n = from; n <= to; n++) for (const { held } of streams) held.response.write(dialect.event(n));
  }

  it('all get the events in the order the agent sent them, and one who leaves takes nobody along', async () => {
    cites('A2A-3.5.2-several-subscribers', 'A2A-3.5.2-leaving', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const [first, second, third] = await watch();
    if (first === undefined || second === undefined || third === undefined) throw new TypeError('three');
    broadcast([first, second, third], 1, 20);
    for (const { stream } of [first, second, third])
      expect(withoutIds(await take(stream, 20))).toBe(events(1, 20));
    await second.stream.leave();
    await second.held.closed;
    broadcast([first, third], 21, 40);
    for (const { stream } of [first, third]) expect(withoutIds(await take(stream, 20))).toBe(events(21, 40));
    for (const { held } of [first, third]) held.response.end();
    for (const { stream } of [first, third]) expect(await stream.rest()).toBe('');
  });

  it('are ended each when the agent ends its stream, not before', async () => {
    const [first, ...others] = await watch();
    first?.held.response.end(dialect.event(1));
    expect(withoutIds((await first?.stream.rest()) ?? '')).toBe(dialect.event(1));
    broadcast(others, 2, 2);
    for (const { stream } of others) expect(withoutIds(await take(stream, 1))).toBe(dialect.event(2));
    for (const { held, stream } of others) {
      held.response.end();
      expect(await stream.rest()).toBe('');
    }
  });
});
