import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withoutConditions } from '../../src/access/conditions.ts';
import type { Gateway } from '../../src/gateway.ts';
import { createWebhookJudge } from '../../src/push/standing.ts';
import { createPushWorker } from '../../src/push/worker.ts';
import { createRevocations } from '../../src/revocations/revocations.ts';
import { createSealer } from '../../src/sealing/sealer.ts';
import { cells } from '../requirements/clause.ts';
import { cellCaller, expectRefused } from '../support/cell-caller.ts';
import { cites } from '../support/cites.ts';
import { rpc } from '../support/gateway.ts';
import { creation, messageWith } from '../support/push-speech.ts';
import { type PushingAgent, takePushes } from '../support/pushing-agent.ts';
import { type RelayStand, startRelayStand } from '../support/relay-stand.ts';
import { publicUrl, type Stand, startStand } from '../support/stand.ts';
import { upstream } from '../support/upstream-servers.ts';
import { names, texts } from './ssrf-catalogue.ts';

/** Webhooks that are a way into the network, as callers set them: with the rules of production. */

let stand: RelayStand;

beforeAll(async () => {
  stand = await startRelayStand({ settings: { push: { upstream: {} } } });
  takePushes(stand.gateway.agent);
});
afterAll(() => stand.close());
beforeEach(() => cites('A2A-13.2-addresses', 'A2A-13.2-webhooks'));

describe.each(cells)('a webhook that aims inside, in %s', (cell) => {
  it.each(Object.entries(texts))('by %s is refused, set or brought', async (_, [rule, ...urls]) => {
    const caller = cellCaller(stand.gateway, cell, await stand.gateway.issuer.token());
    stand.gateway.agent.seen.splice(0);
    for (const url of urls) {
      const hook = { id: 'c-1', url };
      const created = await caller.call('CreateTaskPushNotificationConfig', { params: creation(cell, hook) });
      expectRefused(cell, created, 'WEBHOOK_REFUSED', { rule });
      const sent = await caller.call('SendMessage', { params: messageWith(cell, hook) });
      expectRefused(cell, sent, 'WEBHOOK_REFUSED', { rule });
    }
    caller.close();
    expect(stand.gateway.agent.seen).toEqual([]);
  });
});

describe('a webhook whose name leads inside', () => {
  let named: Stand;
  let gateway: Gateway;
  let agent: PushingAgent;
  /** What names resolve to; the last from then on. */
  let answers: string[][];
  const resolve = async () => {
    const addresses = (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
    return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };

  beforeAll(async () => {
    named = await startStand({ push: { upstream: {} } }, { resolve });
    gateway = await named.gateway();
    const grant = { allowedAgents: ['agent'], operations: ['send', 'read', 'push'] };
    await asked('PUT', '/admin/permissions/demo', grant);
    const members = { agentId: 'agent', agentCardUrl: named.agent.cardUrl, ownership: 'backend' };
    await asked('POST', '/admin/agents', members);
  });
  afterAll(() => named.close());
  beforeEach(() => {
    agent = takePushes(named.agent);
  });

  async function asked(method: string, path: string, body: unknown): Promise<unknown> {
    const scope = path.startsWith('/admin') ? 'gateway:admin' : 'demo';
    const headers = {
      authorization: `Bearer ${await named.issuer.token({ scope })}`,
      ...{ 'content-type': 'application/json', 'a2a-version': '1.0' },
    };
    const request = new Request(`https://agents.test${path}`, {
      method,
      headers,
      body: JSON.stringify(body),
    });
    return (await gateway(request)).json();
  }

  function set(url: string): Promise<unknown> {
    const { body } = rpc('CreateTaskPushNotificationConfig', { taskId: 't-1', id: 'c-1', url });
    return asked('POST', '/agents/agent', JSON.parse(String(body)));
  }

  it.each(names)(
    'by %s is refused, by a rule that does not say where to',
    async (_, _rule, host, addresses) => {
      answers = [addresses];
      expect(await set(`https://${host}/`)).toMatchObject({
        error: { code: -32602, data: [{ reason: 'WEBHOOK_REFUSED', metadata: { rule: 'address' } }] },
      });
      expect(agent.given).toEqual([]);
    },
  );

  it('is refused in the same words as one that is nobody, whatever there is', async () => {
    const told = async (addresses: string[]) => {
      answers = [addresses];
      return JSON.stringify(await set('https://billing.internal.example/'));
    };
    expect(await told([])).toBe(await told(['10.0.0.7']));
  });

  it('only since it was set gets nothing: what the agent posts is a dead letter', async () => {
    answers = [['8.8.8.8'], ['10.0.0.7']];
    expect(await set('https://rebind.example/')).toHaveProperty('result');
    const { url = '', credentials = '' } = agent.given[0] ?? {};
    const posted = await gateway(
      new Request(`https://agents.test${url.slice(publicUrl.length)}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${credentials}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          task: { id: 't-1', contextId: 'c', status: { state: 'TASK_STATE_WORKING' } },
        }),
      }),
    );
    expect(posted.status).toBe(204);

    const { store, secrets } = await named.adapters();
    const { settings, log } = named;
    const clock = { nowMs: () => Date.now() };
    let dialled = 0;
    const dial = () => {
      dialled += 1;
      return Promise.reject(new Error('dialled'));
    };
    const revocations = createRevocations({ store: store.revocations, clock });
    const worker = createPushWorker({
      judge: createWebhookJudge({ ...store, conditions: withoutConditions(log), revocations }),
      ...{ push: store.push, sealer: createSealer({ secrets }), clock, log, newId: randomUUID },
      ...{ random: () => 0, settings: settings.push, closing: new AbortController().signal },
      webhooks: upstream({ rules: settings.push.upstream, resolve, dial }),
    });
    for (const pushId of await store.push.outbox.due(clock.nowMs(), 10)) await worker.work(pushId);
    const { items } = await store.push.outbox.deadLetters({}, { size: 10 }, clock.nowMs());
    expect(items).toMatchObject([{ agentId: 'agent', problem: 'address', attempts: 1 }]);
    expect(dialled).toBe(0);
  });
});
