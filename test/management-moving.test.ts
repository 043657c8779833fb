import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { register, startGateway, type TestGateway } from './support/gateway.ts';
import { changeAgent, clientCredentials, readAgent, refusalOf, secretNames } from './support/management.ts';
import { answerJson, cardAt, type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';

let gateway: TestGateway;
let otherAgent: ScriptedAgent;
let count = 0;

beforeAll(async () => {
  [gateway, otherAgent] = await Promise.all([startGateway({ registration: null }), startScriptedAgent()]);
});

afterAll(() => Promise.all([gateway.close(), otherAgent.close()]));

beforeEach(() => {
  gateway.agent.card(cardAt(gateway.agent.url));
  gateway.agent.script(answerJson({}, 404));
});

/** Registers an agent under a new id. */
async function newAgent(members: Record<string, unknown> = {}): Promise<string> {
  count += 1;
  const agentId = `agent-${count}`;
  await register(gateway, { agentId, ...members });
  return agentId;
}

describe('moving an agent', () => {
  it('to another card fetches that card, at once', async () => {
    const agentId = await newAgent();
    otherAgent.card(cardAt(otherAgent.url, { name: 'Other' }));
    const moved = await changeAgent(gateway, agentId, { agentCardUrl: otherAgent.cardUrl });
    expect(await moved.json()).toMatchObject({
      agentCardUrl: otherAgent.cardUrl,
      agentCard: { name: 'Other' },
    });
  });

  it('to a card that is not there changes nothing', async () => {
    const agentId = await newAgent();
    const before = await readAgent(gateway, agentId);
    const moved = changeAgent(gateway, agentId, { tags: ['a'], agentCardUrl: `${gateway.agent.url}/none` });
    expect(await refusalOf(moved)).toMatchObject({ reason: 'CARD_UNAVAILABLE' });
    expect(await readAgent(gateway, agentId)).toEqual(before);
  });

  it('to a pin the card does not keep to changes nothing', async () => {
    const agentId = await newAgent();
    const before = await readAgent(gateway, agentId);
    const moved = changeAgent(gateway, agentId, { backendUrl: otherAgent.url });
    expect(await refusalOf(moved)).toMatchObject({ metadata: { path: '/supportedInterfaces/0/url' } });
    expect(await readAgent(gateway, agentId)).toEqual(before);
  });

  it('is followed by dropping the pin with null', async () => {
    const agentId = await newAgent({ backendUrl: gateway.agent.url });
    const { agent } = await readAgent(gateway, agentId);
    expect(agent.backendUrl).toBe(gateway.agent.url);
    expect(await (await changeAgent(gateway, agentId, { backendUrl: null })).json()).not.toHaveProperty(
      'backendUrl',
    );
  });

  it('to another origin needs its credentials again, because they would follow it', async () => {
    const agentId = await newAgent({ authConfig: clientCredentials(gateway) });
    otherAgent.card(cardAt(otherAgent.url));
    const moved = changeAgent(gateway, agentId, { agentCardUrl: otherAgent.cardUrl });
    expect(await refusalOf(moved)).toMatchObject({ status: 400, metadata: { parameter: 'authConfig' } });
    const authConfig = clientCredentials(gateway, { clientSecret: 'given-again' });
    expect(
      (await changeAgent(gateway, agentId, { agentCardUrl: otherAgent.cardUrl, authConfig })).status,
    ).toBe(200);
  });

  it('on its own origin keeps its credentials', async () => {
    const agentId = await newAgent({ authConfig: clientCredentials(gateway) });
    gateway.agent.script(answerJson(cardAt(gateway.agent.url)));
    expect(
      (await changeAgent(gateway, agentId, { agentCardUrl: `${gateway.agent.url}/v2/card` })).status,
    ).toBe(200);
  });
});

describe('the secret of an agent', () => {
  const kept = async (agentId: string) =>
    (await secretNames(gateway)).filter((name) => name.startsWith(`agents/${agentId}/`));

  it('is replaced by a new one, and the old one is gone', async () => {
    const agentId = await newAgent({ authConfig: clientCredentials(gateway) });
    const before = await kept(agentId);
    await changeAgent(gateway, agentId, {
      authConfig: clientCredentials(gateway, { clientSecret: 'rotated' }),
    });
    const after = await kept(agentId);
    expect([before.length, after.length]).toEqual([1, 1]);
    expect(after).not.toEqual(before);
  });

  it('is gone when the agent needs none any more', async () => {
    const agentId = await newAgent({ authConfig: clientCredentials(gateway) });
    await changeAgent(gateway, agentId, { authConfig: { type: 'none' } });
    expect(await kept(agentId)).toEqual([]);
  });

  it('stays, alone, where a rotation loses to another write', async () => {
    const agentId = await newAgent({ authConfig: clientCredentials(gateway) });
    const { etag } = await readAgent(gateway, agentId);
    const rotations = ['one', 'two', 'three'].map((clientSecret) =>
      changeAgent(gateway, agentId, { authConfig: clientCredentials(gateway, { clientSecret }) }, etag),
    );
    await Promise.all(rotations);
    expect(await kept(agentId)).toHaveLength(1);
  });

  it('is gone with the agent', async () => {
    const agentId = await newAgent({ authConfig: clientCredentials(gateway) });
    await gateway.admin('DELETE', `/admin/agents/${agentId}`, undefined, { 'if-match': '*' });
    expect(await kept(agentId)).toEqual([]);
  });
});
