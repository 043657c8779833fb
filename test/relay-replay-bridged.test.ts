import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { legacyCardAt } from './support/legacy.ts';
import { type Dialect, dialects, idsIn, sent, subscribed, take } from './support/resuming.ts';
import { answerJson } from './support/scripted-agent.ts';

/** A stream that is translated on its way is gone on with like any other, in the words of its caller. */

let plain: TestGateway;
let holding: TestGateway;

async function start(resumeWindowMs: number): Promise<TestGateway> {
  const gateway = await startGateway({
    settings: { streams: { keepAliveMs: 60_000, resumeWindowMs, replay: {} } },
  });
  const { agent } = gateway;
  agent.card(legacyCardAt(agent.url));
  await register(gateway, { agentId: 'veteran' });
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'stream', 'read'] });
  return gateway;
}

beforeAll(async () => {
  [plain, holding] = await Promise.all([start(0), start(300_000)]);
});
afterAll(() => Promise.all([plain.close(), holding.close()]));

const working = { '1.0': 'TASK_STATE_WORKING', '0.3': 'working' } as const;

/** What an agent says in its own version of a task at work, the first time with the task itself. */
function said(version: '1.0' | '0.3', n: number): string {
  const about = { contextId: 'c-1', metadata: { n }, status: { state: working[version] } };
  const task = { id: 't-1', ...about };
  const update = { taskId: 't-1', ...about };
  const words = {
    '1.0': n === 1 ? { task } : { statusUpdate: update },
    '0.3': n === 1 ? { kind: 'task', ...task } : { kind: 'status-update', final: false, ...update },
  };
  const result = words[version];
  return `data: ${JSON.stringify({ jsonrpc: '2.0', id: 1, result })}\n\n`;
}

/** The numbers of what was said, from events in any words, and the ids of the JSON-RPC answers they are in. */
function heard(events: string): { n: unknown; id: unknown }[] {
  return [...events.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => {
    const { id, result, ...rest } = JSON.parse(data) as { id?: unknown; result?: object };
    const event = (result ?? rest) as Record<string, { metadata?: { n?: unknown } }>;
    const about = event.task ?? event.statusUpdate ?? (event as { metadata?: { n?: unknown } });
    return { n: about.metadata?.n, id };
  });
}

const [rpc, rest, legacy] = dialects;
if (rpc === undefined || rest === undefined || legacy === undefined) throw new TypeError('three dialects');
const pairs: readonly (readonly [title: string, dialect: Dialect, version: '1.0' | '0.3'])[] = [
  ['JSON-RPC 0.3 to 1.0', { ...legacy, agentId: 'agent' }, '1.0'],
  ['JSON-RPC 1.0 to 0.3', { ...rpc, agentId: 'veteran' }, '0.3'],
  ['HTTP+JSON 1.0 to 0.3', { ...rest, agentId: 'veteran' }, '0.3'],
];

describe.each(pairs)('a stream from %s', (_, dialect, version) => {
  const isRpc = dialect.name.startsWith('JSON-RPC');

  async function lostStream(
    gateway: TestGateway,
  ): Promise<{ ids: string[]; write(n: number): void; end(): void }> {
    const { held, stream } = await sent(gateway, dialect);
    for (const n of [1, 2, 3]) held.response.write(said(version, n));
    const ids = idsIn(await take(stream, 3));
    await stream.leave();
    return {
      ids,
      write: (n) => void held.response.write(said(version, n)),
      end: () => void held.response.end(),
    };
  }

  it('goes on with what was missed, then with what the agent says', async () => {
    const { ids } = await lostStream(plain);
    const { held, stream } = await subscribed(plain, dialect, ids[0] ?? '', { id: 'again' });
    expect(held.request.headers['last-event-id']).toBeUndefined();
    const missed = await take(stream, 2);
    const id = isRpc ? 'again' : undefined;
    expect(heard(missed)).toEqual([2, 3].map((n) => ({ n, id })));
    expect(idsIn(missed)).toEqual(ids.slice(1));
    held.response.write(said(version, 1));
    expect(heard(await take(stream, 1))).toEqual([{ n: 1, id }]);
    held.response.end();
    await stream.rest();
  });

  it('gives what was missed where the agent refuses to go on', async () => {
    const { ids } = await lostStream(plain);
    plain.agent.script(
      answerJson({ jsonrpc: '2.0', id: 1, error: { code: -32004, message: 'over', data: [] } }),
    );
    const [path, init] = dialect.subscribe('t-1', 'again');
    const headers = { ...Object.fromEntries(new Headers(init.headers)), 'last-event-id': ids[1] ?? '' };
    const answer = await plain.fetch(`/agents/${dialect.agentId}${path}`, { ...init, headers });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    expect(heard(await answer.text())).toEqual([{ n: 3, id: isRpc ? 'again' : undefined }]);
  });

  it('goes on where it broke off, if it is held', async () => {
    const { ids, write, end } = await lostStream(holding);
    const { length } = holding.agent.seen;
    const [path, init] = dialect.subscribe('t-1', 'again');
    const headers = { ...Object.fromEntries(new Headers(init.headers)), 'last-event-id': ids[1] ?? '' };
    const answering = holding.fetch(`/agents/${dialect.agentId}${path}`, { ...init, headers });
    write(4);
    const answer = await answering;
    write(5);
    end();
    const got = heard(await answer.text()).slice(0, 3);
    expect(got).toEqual([3, 4, 5].map((n) => ({ n, id: isRpc ? 'again' : undefined })));
    expect(holding.agent.seen).toHaveLength(length);
  });
});
