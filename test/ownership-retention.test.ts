import { afterAll, beforeAll, expect, it } from 'vitest';
import { holderOf } from '../src/ownership/holder.ts';
import type { Holder, OwnershipStore } from '../src/store/ports/ownership.ts';
import { anAgent, aPermission } from './contract/store.ts';
import { bindings, call, expectRefusal, message, success } from './support/bindings.ts';
import { answerEvents, answerJson, cardAt } from './support/scripted-agent.ts';
import { type Stand, startStand } from './support/stand.ts';

/** A conversation stays its owner's for as long as it goes on, and after that for the retention. */

const dayMs = 86_400_000;

let stand: Stand;
let owned: OwnershipStore;
let alice: Holder;
let fetchAs: (subject: string) => Promise<{ fetch(path: string, init?: RequestInit): Promise<Response> }>;

beforeAll(async () => {
  stand = await startStand();
  const { store } = await stand.adapters();
  owned = store.ownership;
  const card = cardAt(stand.agent.url) as unknown as ReturnType<typeof anAgent>['card']; // As a card is served.
  const agent = { ...anAgent('agent'), agentCardUrl: stand.agent.cardUrl, card };
  await store.agents.create(agent);
  const operations = ['send', 'stream'] as const;
  await store.permissions.create({
    ...aPermission('demo'),
    allowedAgents: ['*'],
    operations: [...operations],
  });
  const principal = {
    issuer: stand.issuer.issuer,
    subject: 'alice',
    scopes: [],
    groups: [],
    grantees: [],
    expiresAtSeconds: 0,
  };
  alice = await holderOf(agent, principal, 'principal');
  const handle = await stand.gateway();
  fetchAs = async (subject) => {
    const own = {
      authorization: `Bearer ${await stand.issuer.token({ sub: subject })}`,
      'a2a-version': '1.0',
    };
    return {
      fetch: (path, init) => {
        const headers = { ...own, ...Object.fromEntries(new Headers(init?.headers)) };
        return handle(new Request(`https://agents.test${path}`, { ...init, headers }));
      },
    };
  };
});
afterAll(() => stand.close());

const isHers = async (contextId: string, atMs: number) =>
  (await owned.held(alice, [{ kind: 'context', id: contextId }], atMs))[0];

it.each(
  bindings.flatMap((binding) =>
    (['SendMessage', 'SendStreamingMessage'] as const).map((operation) => [operation, binding] as const),
  ),
)(
  'a context that its owner names is kept, though the answer shows none: %s, %s',
  async (operation, binding) => {
    const contextId = `${operation}-${binding}`;
    const nowMs = Date.now();
    const times = { nowMs, expiresAtMs: nowMs + dayMs };
    await owned.take(alice, { tasks: [], contextIds: [contextId] }, times);
    const reply = success(binding, { message: { messageId: 'm-2', role: 'ROLE_AGENT', parts: [] } });
    stand.agent.script(operation === 'SendMessage' ? answerJson(reply) : answerEvents(`data: ${reply}\n\n`));
    const params = { message: { ...message, contextId } };
    const refused = await call(await fetchAs('mallory'), binding, operation, { params });
    await expectRefusal(refused, binding, 'CONTEXT_REFUSED');
    expect(await isHers(contextId, nowMs + 2 * dayMs)).toBe(false);
    const answer = await call(await fetchAs('alice'), binding, operation, { params });
    expect(await answer.text()).toContain('m-2');
    expect(await isHers(contextId, nowMs + 90 * dayMs)).toBe(true);
  },
);
