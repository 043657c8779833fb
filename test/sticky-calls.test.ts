import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallIds } from '../src/protocol/call-ids.ts';
import type { Affinity } from '../src/proxy/affinity.ts';
import { agentAt, type ForwardStand, forwardStand } from './support/forward-stand.ts';
import { answerJson, type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';

/** Conversations that live at one of several origins: where their calls go, and what is learned of it. */

let stand: ForwardStand;
let one: ScriptedAgent;
let other: ScriptedAgent;
let known: { place: string | undefined; isBound: boolean };
let learned: { agentId: string; place: string; ids: CallIds }[];

const affinity: Affinity = {
  place: async () => known,
  async learn({ agent: { agentId } }, place, ids) {
    learned.push({ agentId, place, ids });
  },
};

beforeEach(async () => {
  [one, other] = await Promise.all([startScriptedAgent(), startScriptedAgent()]);
  stand = forwardStand({ affinity });
  learned = [];
});
afterEach(async () => {
  await stand.close();
  await Promise.all([one.close(), other.close()]);
});

function sticky() {
  const urls = [
    { url: one.url, weight: 1 },
    { url: other.url, weight: 100 },
  ];
  return agentAt(urls, { backend: { type: 'http', urls, affinity: 'context' } });
}

/** A call whose answer shows ids. */
async function send(agent = sticky()): Promise<void> {
  const response = await stand.call(agent, 'SendMessage');
  await response.learn?.({ contextId: 'c-1' });
  await response.bytes(100);
}

async function breakOne(): Promise<void> {
  one.script(answerJson('down', 503));
  known = { place: one.url, isBound: true };
  for (let call = 0; call < 5; call++) await send();
  learned = [];
}

describe('a conversation', () => {
  it('goes on where it is', async () => {
    known = { place: one.url, isBound: false };
    for (let call = 0; call < 10; call++) await send();
    expect([one.seen.length, other.seen.length]).toEqual([10, 0]);
    expect(learned[0]).toEqual({ agentId: 'agent', place: one.url, ids: { contextId: 'c-1' } });
  });

  it('that is nowhere yet is learned where it went', async () => {
    known = { place: undefined, isBound: false };
    for (let call = 0; call < 20; call++) await send();
    expect(learned.filter(({ place }) => place === one.url)).toHaveLength(one.seen.length);
    expect(learned.filter(({ place }) => place === other.url)).toHaveLength(other.seen.length);
  });

  it('moves where its place is left alone, and is learned there', async () => {
    await breakOne();
    known = { place: one.url, isBound: false };
    await send();
    expect(learned).toMatchObject([{ place: other.url }]);
  });

  it('moves where nobody listens any more', async () => {
    await one.close();
    known = { place: one.url, isBound: false };
    await send();
    expect(learned).toMatchObject([{ place: other.url }]);
    one = await startScriptedAgent();
  });

  it('whose place is no longer registered goes anywhere', async () => {
    known = { place: 'https://gone.example', isBound: true };
    await send();
    expect(learned).toMatchObject([{ agentId: 'agent' }]);
    expect(one.seen.length + other.seen.length).toBe(1);
  });
});

describe('a task', () => {
  it('is asked for nowhere else, even where its place is left alone', async () => {
    await breakOne();
    await expect(send()).rejects.toMatchObject({
      failure: { code: 'agent_circuit_open', retryAfterSeconds: 5 },
    });
    expect(other.seen).toEqual([]);
  });
});

describe('an agent whose conversations stick to nothing', () => {
  it('has nothing looked up and nothing to learn', async () => {
    known = { place: one.url, isBound: true };
    await stand.call(agentAt([one.url, other.url]), 'SendMessage').then(async (response) => {
      expect(response).not.toHaveProperty('learn');
      await response.bytes(100);
    });
  });
});
