import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { permit, register, startGateway, type TestGateway, withHeaders } from '../support/gateway.ts';
import { legacyCardAt } from '../support/legacy.ts';
import { type Dialect, dialects, idsIn, sent, take } from '../support/resuming.ts';
import { answerEvents, cardAt, nextCall } from '../support/scripted-agent.ts';

/** Streams that go on after they broke off: for their owner, and with nothing of another's. */

let gateway: TestGateway;
const hour = 3_600_000;

beforeAll(async () => {
  const streams = {
    resumeWindowMs: hour,
    keepAliveMs: 60_000,
    replay: { retentionMs: hour, maxStreamBytes: 65_536 },
  };
  gateway = await startGateway({ settings: { streams }, registration: null });
  const { agent } = gateway;
  const cards = {
    agent: cardAt(agent.url),
    veteran: legacyCardAt(agent.url),
    elder: legacyCardAt(agent.url, { url: `${agent.url}/rest`, preferredTransport: 'HTTP+JSON' }),
  };
  for (const [agentId, card] of Object.entries(cards)) {
    agent.card(card);
    await register(gateway, { agentId, ownership: 'principal' });
  }
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'stream', 'read'] });
});
afterAll(() => gateway.close());

async function mallory(): Promise<Pick<TestGateway, 'fetch'>> {
  const token = await gateway.issuer.token({ sub: 'mallory', client_id: 'mallory' });
  return withHeaders(gateway, { authorization: `Bearer ${token}` });
}

async function askedBy(caller: Pick<TestGateway, 'fetch'>, dialect: Dialect, lastEventId: string) {
  const [path, init] = dialect.subscribe('t-1', 1);
  const headers = { ...Object.fromEntries(new Headers(init.headers)), 'last-event-id': lastEventId };
  return caller.fetch(`/agents/${dialect.agentId}${path}`, { ...init, headers });
}

describe.each(dialects)('in $name', (dialect) => {
  it("another's stream is gone on with by nobody, whatever event they name", async () => {
    const { held, stream } = await sent(gateway, dialect);
    held.response.write(dialect.event(1) + dialect.event(2));
    const [lastEventId = ''] = idsIn(await take(stream, 2));
    expect(lastEventId).not.toBe('');
    await stream.leave();
    gateway.agent.seen.splice(0);
    const text = await (await askedBy(await mallory(), dialect, lastEventId)).text();
    expect(text).toContain('TASK_NOT_FOUND');
    const withNone = await (await askedBy(await mallory(), dialect, '')).text();
    expect(withNone).toBe(text);
    expect(gateway.agent.seen).toEqual([]);
    held.response.end();
    await held.closed;
  });

  it("a stream that is read on for its caller shows nothing of another's then either", async () => {
    const secret = 'of-mallory-alone';
    const next = nextCall(gateway.agent);
    const [path, init] = dialect.send(1);
    const begun = (await mallory()).fetch(`/agents/${dialect.agentId}${path}`, init);
    const theirs = await next;
    theirs.response.writeHead(200, { 'content-type': 'text/event-stream' });
    theirs.response.end(dialect.event(1).replaceAll('t-1', secret).replaceAll('c-1', secret));
    expect(await (await begun).text()).toContain(secret);

    const { held, stream } = await sent(gateway, dialect);
    held.response.write(dialect.event(1));
    const [lastEventId = ''] = idsIn(await take(stream, 1));
    await stream.leave();
    held.response.end(dialect.event(2) + dialect.event(3).replaceAll('t-1', secret));
    await held.closed;
    // What was withheld has ended the stream, so that the agent is asked for another.
    gateway.agent.script(answerEvents(dialect.event(4)));
    const answer = await askedBy(gateway, dialect, lastEventId);
    expect(await answer.text()).not.toContain(secret);
  });

  it("another's stream is not gone on with by a message, whose answer may name no task", async () => {
    const next = nextCall(gateway.agent);
    const [path, init] = dialect.send(1);
    const headers = { ...Object.fromEntries(new Headers(init.headers)), 'last-event-id': '7' };
    const begun = (await mallory()).fetch(`/agents/${dialect.agentId}${path}`, { ...init, headers });
    const { request, response } = await next;
    expect(request.headers).not.toHaveProperty('last-event-id');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end();
    await (await begun).text();
  });
});
