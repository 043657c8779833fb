import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CallerLimits } from '../src/access/permission.ts';
import { GatewayError } from '../src/failure.ts';
import type { Gateway } from '../src/gateway.ts';
import type { CounterStore } from '../src/store/ports/counters.ts';
import { anAgent, aPermission } from './contract/store-samples.ts';
import { bindings, call, success } from './support/bindings.ts';
import type { TestGateway } from './support/gateway.ts';
import { answerEvents, answerJson, cardAt } from './support/scripted-agent.ts';
import { type Stand, startStand } from './support/stand.ts';

/** What becomes of calls that the store cannot count. */

const task = { task: { id: 't-1', contextId: 'c-1' } };
const down = () =>
  Promise.reject(new GatewayError({ code: 'store_unavailable' }, { cause: new Error('inner') }));
const broken = () => Promise.reject(new TypeError('inner'));

describe.each(['closed', 'open'] as const)(
  'a store that does not count, where it fails %s',
  (onStoreFailure) => {
    let stand: Stand;
    let update: CounterStore['update'] | undefined;
    let handle: Gateway;
    let callers = 0;

    beforeAll(async () => {
      stand = await startStand({
        callerLimits: { counters: 'store', onStoreFailure },
        search: { enabled: false },
      });
      const { store } = await stand.adapters();
      const card = cardAt(stand.agent.url) as unknown as ReturnType<typeof anAgent>['card']; // As a card is served.
      await store.agents.create({
        ...anAgent('agent'),
        agentCardUrl: stand.agent.cardUrl,
        card,
        ownership: 'backend',
      });
      handle = await stand.gateway((kept) => ({
        ...kept,
        counters: { update: (...given) => (update ?? kept.counters.update.bind(kept.counters))(...given) },
      }));
    });
    afterAll(() => stand.close());
    beforeEach(() => {
      update = undefined;
      stand.logged.splice(0);
    });

    async function limited(limits: CallerLimits): Promise<Pick<TestGateway, 'fetch'>> {
      const name = `caller-${callers++}`;
      const { store } = await stand.adapters();
      await store.permissions.create({
        ...{ ...aPermission(name), allowedAgents: ['agent'], operations: ['send', 'stream', 'read'] },
        ...limits,
      });
      const authorization = `Bearer ${await stand.issuer.token({ sub: name, client_id: name, scope: name })}`;
      return {
        fetch(path, init) {
          const headers = {
            authorization,
            'a2a-version': '1.0',
            ...Object.fromEntries(new Headers(init?.headers)),
          };
          return handle(new Request(`https://agents.test${path}`, { ...init, headers }));
        },
      };
    }

    const expected = onStoreFailure === 'closed' ? 503 : 200;

    describe.each(bindings)('%s', (binding) => {
      it.each([
        ['a minute', { requestsPerMinute: 5 }],
        ['a day', { requestsPerDay: 5 }],
        ['both', { requestsPerMinute: 5, requestsPerDay: 5 }],
      ] as const)(`answers a call of %s by ${expected}, and never by 500`, async (_, limits) => {
        const caller = await limited(limits);
        stand.agent.script(answerJson(success(binding, task)));
        for (const failing of [down, broken]) {
          update = failing;
          const answer = await call(caller, binding, 'SendMessage');
          expect(answer.status).toBe(expected);
          const text = await answer.text();
          expect(text).not.toContain('inner');
          if (onStoreFailure === 'closed') expect(text).toContain('STORE_UNAVAILABLE');
          const warned = stand.logged.filter(({ event, msg }) => (event ?? msg) === 'limits not counted');
          expect(warned.length > 0).toBe(onStoreFailure === 'open');
        }
        update = undefined;
        expect((await call(caller, binding, 'SendMessage')).status).toBe(200);
      });

      it('does not hold a limit open that needs no store', async () => {
        const caller = await limited({ maxBodyBytes: 10 });
        update = down;
        expect((await call(caller, binding, 'SendMessage')).status).toBe(413);
      });

      it.each([
        ['requestsPerMinute', 'SendMessage'],
        ['requestsPerDay', 'SendMessage'],
        ['burst', 'SendMessage'],
        ['maxOpenStreams', 'SendStreamingMessage'],
      ] as const)('refuses what is not allowed at all: %s', async (limit, operation) => {
        const caller = await limited({ [limit]: 0 });
        update = down;
        expect((await call(caller, binding, operation)).status).toBe(429);
      });

      it(`answers a stream by ${expected}`, async () => {
        const caller = await limited({ maxOpenStreams: 1 });
        stand.agent.script(answerEvents(`data: ${success(binding, task)}\n\n`));
        update = down;
        const answer = await call(caller, binding, 'SendStreamingMessage');
        expect(answer.status).toBe(expected);
        await answer.text();
      });
    });

    it(`answers a list by ${expected}`, async () => {
      const caller = await limited({});
      update = down;
      expect((await caller.fetch('/agents')).status).toBe(expected);
    });
  },
);
