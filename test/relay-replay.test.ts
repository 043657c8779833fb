import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cites } from './support/cites.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { legacyCardAt } from './support/legacy.ts';
import { dialects, idsIn, opened, sent, subscribed, take, withoutIds } from './support/resuming.ts';
import { answerEvents, answerJson } from './support/scripted-agent.ts';

/** A caller who lost a stream and subscribes again with `Last-Event-ID` gets what it missed, then what the agent says. */

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({
    settings: { streams: { keepAliveMs: 60_000, replay: { maxStreamBytes: 10_000 } } },
  });
  const { agent } = gateway;
  agent.card(legacyCardAt(agent.url));
  await register(gateway, { agentId: 'veteran' });
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'stream', 'read'] });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.agent.seen.splice(0));

describe.each(dialects)('a stream in $name', (dialect) => {
  const events = (from: number, to: number, id: unknown = 1) =>
    Array.from({ length: to - from + 1 }, (_, index) => dialect.event(from + index, id)).join('');

  /** Sends four events on a stream that the caller leaves; answers their ids. */
  async function lostStream(): Promise<string[]> {
    const { held, stream } = await sent(gateway, dialect);
    held.response.write(events(1, 4));
    const ids = idsIn(await take(stream, 4));
    await stream.leave();
    await held.closed;
    return ids;
  }

  it('has an id before each event, and is else as the agent sent it', async () => {
    const { held, stream } = await sent(gateway, dialect);
    held.response.write(`: hi\n\n${events(1, 2)}`);
    held.response.end(`event: x\nretry: 1\n${dialect.event(3)}data: half\n`);
    const got = await stream.rest();
    expect(withoutIds(got)).toBe(
      `: hi\n\n${events(1, 2)}event: x\nretry: 1\n${dialect.event(3)}data: half\n`,
    );
    const [first = ''] = idsIn(got);
    const streamId = first.slice(0, first.lastIndexOf('.'));
    expect(streamId).toMatch(/^gateway-[0-9a-f-]{36}$/);
    expect(idsIn(got)).toEqual([`${streamId}.1`, `${streamId}.2`, `${streamId}.3`]);
    expect(got.startsWith(`: hi\n\nid: ${first}\ndata: `)).toBe(true);
  });

  it('goes on with what was missed, under the new id and with the old numbers, then with what the agent says', async () => {
    cites('SSE-9.2.3-last-event-id', 'JSON-RPC 1.0', 'HTTP+JSON 1.0', 'JSON-RPC 0.3');
    const [, second = '', ...missedIds] = await lostStream();
    const { held, stream } = await subscribed(gateway, dialect, second, { id: 'again ☕' });
    const missed = await take(stream, 2);
    expect(withoutIds(missed)).toBe(events(3, 4, 'again ☕'));
    expect(idsIn(missed)).toEqual(missedIds);
    held.response.end(dialect.event(9, 'again ☕'));
    const live = await stream.rest();
    expect(withoutIds(live)).toBe(dialect.event(9, 'again ☕'));
    expect(idsIn(live)[0]).toMatch(/\.1$/);
    expect(live).not.toContain(second.slice(0, second.lastIndexOf('.')));
    expect(held.request.headers['last-event-id']).toBeUndefined();
  });

  it('can be lost and gone on with again and again', async () => {
    const [first = ''] = await lostStream();
    const again = await subscribed(gateway, dialect, first);
    again.held.response.write(events(5, 7));
    const got = await take(again.stream, 6);
    expect(withoutIds(got)).toBe(events(2, 7));
    await again.stream.leave();
    await again.held.closed;
    const [, , , fifth = ''] = idsIn(got);
    const last = await subscribed(gateway, dialect, fifth);
    last.held.response.end(dialect.event(8));
    expect(withoutIds(await last.stream.rest())).toBe(events(6, 8));
  });

  it('of a subscription can be gone on with as well', async () => {
    const first = await opened(gateway, dialect, dialect.subscribe('t-1', 1));
    first.held.response.write('data: {"no":"task"}\n\ndata: {"none":"here"}\n\n');
    const [firstId = ''] = idsIn(await take(first.stream, 2));
    await first.stream.leave();
    const { held, stream } = await subscribed(gateway, dialect, firstId);
    held.response.end();
    expect(withoutIds(await stream.rest())).toBe('data: {"none":"here"}\n\n');
  });

  it('gives what was missed where the agent refuses to go on, and the refusal to who has missed nothing', async () => {
    const ids = await lostStream();
    const refusal = { code: 400, status: 'FAILED_PRECONDITION', message: 'over' };
    const body = dialect.name.startsWith('JSON-RPC')
      ? { jsonrpc: '2.0', id: 1, error: { code: -32004, message: 'over' } }
      : { error: refusal };
    gateway.agent.script(answerJson(body, dialect.name.startsWith('JSON-RPC') ? 200 : 400));
    const again = (lastEventId = '') => {
      const [path, init] = dialect.subscribe('t-1', 1);
      const headers = { ...Object.fromEntries(new Headers(init.headers)), 'last-event-id': lastEventId };
      return gateway.fetch(`/agents/${dialect.agentId}${path}`, { ...init, headers });
    };
    const missed = await again(ids[1]);
    expect([missed.status, missed.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    expect(withoutIds(await missed.text())).toBe(events(3, 4));
    const refused = await again(ids[3]);
    expect(await refused.json()).toEqual(body);
    expect(gateway.agent.seen).toHaveLength(3);
  });

  it.each<[string, (ids: string[]) => string, string?]>([
    ['that is unknown', () => 'gateway-2c1f7f4e-8d53-4f0e-9a0c-3a1d5d0e0001.1'],
    ['of an event that was not sent', ([id = '']) => id.replace(/1$/, '99')],
    ['without a number', ([id = '']) => id.slice(0, -2)],
    ['of another task', ([id = '']) => id, 't-2'],
    ['of the last event', (ids) => ids[3] ?? ''],
  ])(
    'goes on as the agent says for an id %s, which the agent does not see',
    async (_, pick, taskId = 't-1') => {
      const lastEventId = pick(await lostStream());
      const { held, stream } = await subscribed(gateway, dialect, lastEventId, { taskId });
      held.response.end(dialect.event(9));
      expect(withoutIds(await stream.rest())).toBe(dialect.event(9));
      expect(held.request.headers['last-event-id']).toBeUndefined();
    },
  );

  it('that is too long for what is kept goes on as the agent says', async () => {
    const { held, stream } = await sent(gateway, dialect);
    const long = dialect.event(2).replace('"n"', `"${'x'.repeat(9_990)}"`);
    held.response.write(dialect.event(1));
    const [first = ''] = idsIn(await take(stream, 1));
    held.response.write(long);
    await take(stream, 1);
    await stream.leave();
    const again = await subscribed(gateway, dialect, first);
    again.held.response.end(dialect.event(9));
    expect(withoutIds(await again.stream.rest())).toBe(dialect.event(9));
  });

  it('whose agent numbers its events is left to the agent', async () => {
    const { held, stream } = await sent(gateway, dialect);
    held.response.end(`id: 7\n${dialect.event(1)}id: 8\n${dialect.event(2)}`);
    expect(await stream.rest()).toBe(`id: 7\n${dialect.event(1)}id: 8\n${dialect.event(2)}`);
    const again = await subscribed(gateway, dialect, '7');
    expect(again.held.request.headers['last-event-id']).toBe('7');
    again.held.response.end(`id: 8\n${dialect.event(2)}`);
    expect(await again.stream.rest()).toBe(`id: 8\n${dialect.event(2)}`);
  });
});

describe('an id of an earlier stream', () => {
  it('means nothing to a message', async () => {
    const [dialect] = dialects;
    if (dialect === undefined) throw new TypeError('there are dialects');
    gateway.agent.script(answerEvents(dialect.event(1), dialect.event(2)));
    const [path, init] = dialect.send(1);
    const first = await (await gateway.fetch(`/agents/agent${path}`, init)).text();
    const { held, stream } = await sent(gateway, dialect, {
      headers: { 'last-event-id': idsIn(first)[0] ?? '' },
    });
    held.response.end(dialect.event(9));
    expect(withoutIds(await stream.rest())).toBe(dialect.event(9));
  });
});
