import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { permit, register, startGateway, type TestGateway } from '../support/gateway.ts';
import {
  type CallerOptions,
  dialects,
  idsIn,
  sent,
  subscribed,
  take,
  withoutIds,
} from '../support/resuming.ts';

/** Who has come by the id of an event of somebody else's stream learns nothing by it, not even that there is one. */

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ settings: { streams: { keepAliveMs: 60_000, replay: {} } } });
  await register(gateway, { agentId: 'other' });
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'stream', 'read'] });
  await permit(gateway, 'team', { allowedAgents: ['*'], operations: ['send', 'stream', 'read'] });
});
afterAll(() => gateway.close());

const [rpc, rest] = dialects.filter(({ agentId }) => agentId === 'agent');
if (rpc === undefined || rest === undefined) throw new TypeError('two dialects are of 1.0');

const other: Readonly<Record<string, Record<string, string>>> = {
  'another principal': { sub: 'bob' },
  'a client of the same principal': { client_id: 'another' },
};

/** A stream that its caller has left, with events nobody else may see; answers the id of the first. */
async function lostStream(dialect: (typeof dialects)[number]): Promise<string> {
  const { held, stream } = await sent(gateway, dialect);
  held.response.write(dialect.event(1) + dialect.event(2, 1, 't-1').replace('"n"', '"secret"'));
  const [first = ''] = idsIn(await take(stream, 2));
  await stream.leave();
  await held.closed;
  return first;
}

describe.each([rpc, rest])('a stream in $name', (dialect) => {
  /** What a caller gets who subscribes with the id, from an agent that says the same to everybody. */
  async function got(lastEventId: string, options: CallerOptions = {}): Promise<string> {
    const { held, stream } = await subscribed(gateway, dialect, lastEventId, options);
    expect(held.request.headers).not.toHaveProperty('last-event-id');
    held.response.end(dialect.event(9));
    return withoutIds(await stream.rest());
  }

  it('is gone on with by its caller', async () => {
    expect(await got(await lostStream(dialect))).toContain('"secret"');
  });

  it.each(Object.entries(other))('is not gone on with by %s', async (_, claims) => {
    const lastEventId = await lostStream(dialect);
    const headers = { authorization: `Bearer ${await gateway.issuer.token(claims)}` };
    expect(await got(lastEventId, { headers })).toBe(await got('gateway-unknown.1', { headers }));
    expect(await got(lastEventId)).toContain('"secret"');
  });

  it('is not gone on with at another agent, in another task, nor by a path that only looks like the task', async () => {
    const lastEventId = await lostStream(dialect);
    for (const options of [{ agentId: 'other' }, { taskId: 't-2' }, { taskId: 'T-1' }]) {
      expect(await got(lastEventId, options)).toBe(dialect.event(9));
    }
  });

  it('is not gone on with at an agent that was registered anew', async () => {
    const agentId = `gone-${dialect === rpc ? 'rpc' : 'rest'}`;
    await register(gateway, { agentId });
    const lastEventId = await lostStream({ ...dialect, agentId });
    await gateway.admin('DELETE', `/admin/agents/${agentId}`, undefined, { 'if-match': '*' });
    await register(gateway, { agentId });
    expect(await got(lastEventId, { agentId })).toBe(dialect.event(9));
  });

  it('is not gone on with by who may no longer read tasks of the agent', async () => {
    const claims = { sub: 'carol', scope: 'passing' };
    await permit(gateway, 'passing', { allowedAgents: ['agent'], operations: ['stream', 'read'] });
    const headers = { authorization: `Bearer ${await gateway.issuer.token(claims)}` };
    const { held, stream } = await sent(gateway, dialect, { headers });
    held.response.write(dialect.event(1) + dialect.event(2));
    const [first = ''] = idsIn(await take(stream, 2));
    await stream.leave();
    await permit(gateway, 'passing', { allowedAgents: ['agent'], operations: ['stream'] });
    const [path, init] = dialect.subscribe('t-1', 1);
    const all = { ...Object.fromEntries(new Headers(init.headers)), ...headers, 'last-event-id': first };
    const refused = await gateway.fetch(`/agents/agent${path}`, { ...init, headers: all });
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('OPERATION_FORBIDDEN');
  });
});

it('an id of one binding is worth nothing in the other', async () => {
  const lastEventId = await lostStream(rpc);
  const { held, stream } = await subscribed(gateway, rest, lastEventId);
  held.response.end(rest.event(9));
  expect(withoutIds(await stream.rest())).toBe(rest.event(9));
});

it('an agent that shows the task of another caller makes nothing of it readable', async () => {
  const lastEventId = await lostStream(rpc);
  const headers = { authorization: `Bearer ${await gateway.issuer.token({ sub: 'mallory' })}` };
  const { held, stream } = await sent(gateway, rpc, { headers });
  held.response.write(rpc.event(1));
  await take(stream, 1);
  const again = await subscribed(gateway, rpc, lastEventId, { headers });
  again.held.response.end(rpc.event(9));
  expect(withoutIds(await again.stream.rest())).toBe(rpc.event(9));
  held.response.end();
});
