import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../src/failure.ts';
import type { Agent } from '../src/registry/agent.ts';
import { agentAt } from './support/forward-stand.ts';
import { intervalMs, maxCardBytes, type ProberStand, proberStand } from './support/prober-stand.ts';
import { answerJson, type Script, type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';

/** What agents are asked when nobody calls them, and what that tells. */

let one: ScriptedAgent;
let other: ScriptedAgent;
let stand: ProberStand;

beforeEach(async () => {
  [one, other] = await Promise.all([startScriptedAgent(), startScriptedAgent()]);
});
afterEach(async () => {
  await stand.close();
  await Promise.all([one.close(), other.close()]);
});

/** With its card at `one`, where what is asked for it is seen. */
function probedAt(urls: readonly string[], members: Partial<Agent> = {}): Agent {
  return agentAt(urls, { agentCardUrl: `${one.url}/card.json?of=agent`, ...members });
}

function found(origin = one.url) {
  return stand.prober.found('agent').get(origin);
}

function failing(code: string) {
  return { lastFailure: { atMs: expect.any(Number), code } };
}

/** Opens or closes the breaker of an origin as calls do. */
function called(agent: Agent, outcome: 'fail' | 'succeed', times = 1): void {
  for (let call = 0; call < times; call++) {
    const [instance] = stand.traffic.of(agent).instances;
    const attempt = instance?.begin('calls');
    if (outcome === 'fail') attempt?.failed(new GatewayError({ code: 'upstream_reset' }));
    else attempt?.succeeded();
    attempt?.over();
  }
}

describe('a probe', () => {
  it('asks each origin for the card, as whoever registers it does', async () => {
    stand = proberStand([probedAt([one.url, other.url])]);
    await stand.round();
    for (const { seen } of [one, other])
      expect(seen).toMatchObject([
        { method: 'GET', target: '/card.json?of=agent', headers: { 'a2a-version': '1.0' } },
      ]);
    for (const { url } of [one, other])
      expect(found(url)).toEqual({ lastSuccessMs: expect.any(Number), isFailing: false });
    expect(stand.logged).toEqual([]);
  });

  it.each<[what: string, code: string, script: Script]>([
    ['has no card', 'card_unavailable', answerJson({}, 404)],
    ['wants to know who asks', 'card_unavailable', answerJson({}, 401)],
    ['is down', 'upstream_unavailable', answerJson({}, 503)],
    ['fails', 'upstream_unavailable', answerJson({}, 500)],
    ['hangs up', 'upstream_reset', (_, response) => void response.destroy()],
    ['sends too much', 'upstream_response_too_large', answerJson('x'.repeat(maxCardBytes + 1))],
  ])('fails where the origin %s: %s', async (_, code, script) => {
    stand = proberStand([probedAt([one.url])]);
    one.script(script);
    await stand.round();
    expect(found()).toMatchObject(failing(code));
  });

  it('fails where nobody listens', async () => {
    stand = proberStand([probedAt([one.url])]);
    await one.close();
    await stand.round();
    expect(found()).toMatchObject(failing('upstream_unreachable'));
  });

  it('takes any answer of an origin that is not the card’s own, but for an error of the server', async () => {
    stand = proberStand([probedAt([other.url])]);
    other.script(answerJson({}, 404));
    await stand.round();
    expect(found(other.url)?.lastFailure).toBeUndefined();
    other.script(answerJson({}, 500));
    await stand.round();
    expect(found(other.url)).toMatchObject(failing('upstream_unavailable'));
    expect(one.seen).toEqual([]);
  });

  it('follows no redirect, which would ask somebody else', async () => {
    stand = proberStand([probedAt([one.url])]);
    one.script((_, response) => void response.writeHead(302, { location: other.url }).end());
    await stand.round();
    expect([one.seen.length, other.seen.length]).toEqual([1, 0]);
    expect(found()?.lastFailure).toBeUndefined();
  });

  it('is told in the log when it begins to fail and when it succeeds again, not in between', async () => {
    stand = proberStand([probedAt([one.url])]);
    one.script(answerJson({}, 503));
    for (let round = 0; round < 3; round++) await stand.round();
    one.script(answerJson({}));
    for (let round = 0; round < 3; round++) await stand.round();
    const at = { agentId: 'agent', origin: one.url };
    expect(stand.logged).toMatchObject([
      { event: 'probe failed', ...at, failure: { code: 'upstream_unavailable', status: 503 } },
      { event: 'probe answered again', ...at },
    ]);
    expect(found()).toMatchObject({ lastSuccessMs: expect.any(Number), ...failing('upstream_unavailable') });
  });

  it('that hangs keeps no other from being made, and ends when the gateway closes', async () => {
    const agentOf = (agentId: string, url: string) =>
      agentAt([url], { agentId, agentCardUrl: `${url}/card.json` });
    stand = proberStand([agentOf('hanging', one.url), agentOf('other', other.url)]);
    const held = new Promise<Promise<unknown>>((hold) =>
      one.script((_, response) => hold(once(response, 'close'))),
    );
    await stand.time.advanceUntil(() => one.seen.length > 0 && other.seen.length >= 2);
    expect(one.seen).toHaveLength(1);
    const gone = held.then((closed) => closed);
    await stand.close();
    await gone;
    expect(stand.prober.found('hanging').size).toBe(0);
    expect(stand.logged).toEqual([]);
  });
});

describe('the credential', () => {
  const kept = { authConfig: { type: 'bearer', secretName: 's', secretMembers: ['token'] } };
  const secrets = { s: '{"token":"of-the-agent"}' };
  const presented = ({ seen }: ScriptedAgent) => seen.map(({ headers }) => headers.authorization);

  it('goes with a probe where the card wants it', async () => {
    const backend = { type: 'http', urls: [{ url: one.url, weight: 1 }], authenticateCard: true };
    stand = proberStand([probedAt([], { ...kept, backend })], secrets);
    await stand.round();
    expect(presented(one)).toEqual(['Bearer of-the-agent']);
  });

  it('goes with none for a card that everybody may read, but with those for other origins', async () => {
    stand = proberStand([probedAt([one.url, other.url], kept)], secrets);
    await stand.round();
    expect([presented(one), presented(other)]).toEqual([[undefined], ['Bearer of-the-agent']]);
  });

  it('never goes to where the card is, if that is not where the agent is', async () => {
    const backend = { type: 'http', urls: [{ url: other.url, weight: 1 }], authenticateCard: true };
    stand = proberStand([probedAt([], { ...kept, backend })], secrets);
    await stand.round();
    expect([presented(one), presented(other)]).toEqual([[], ['Bearer of-the-agent']]);
  });

  it('that cannot be read is what a probe tells', async () => {
    stand = proberStand([probedAt([other.url], kept)]);
    await stand.round();
    expect(found(other.url)).toMatchObject(failing('credential_unavailable'));
    expect(other.seen).toEqual([]);
    expect(JSON.stringify(stand.logged)).not.toContain('of-the-agent');
  });

  it('that is made of a caller’s token lets the agent be probed by nobody', async () => {
    const authConfig = {
      ...{ type: 'oauth2_token_exchange', tokenUrl: `${other.url}/token`, clientId: 'gateway', scopes: [] },
      ...{ secretName: 's', secretMembers: ['clientSecret'] },
    };
    const backend = { type: 'http', urls: [{ url: one.url, weight: 1 }], authenticateCard: true };
    stand = proberStand([probedAt([], { authConfig, backend })], { s: '{"clientSecret":"secret"}' });
    await stand.round();
    expect([one.seen, other.seen, stand.logged]).toEqual([[], [], []]);
    expect(found()).toBeUndefined();
  });
});

describe('an origin', () => {
  it('that calls have just shown to be up is not probed', async () => {
    const agent = probedAt([one.url]);
    stand = proberStand([agent]);
    for (let round = 0; round < 3; round++) {
      called(agent, 'succeed');
      await stand.round();
    }
    expect(one.seen).toEqual([]);
    await stand.round();
    expect(one.seen.length).toBeGreaterThanOrEqual(1);
  });

  it('that calls have failed at since is probed, though one succeeded a moment before', async () => {
    const agent = probedAt([one.url]);
    stand = proberStand([agent]);
    called(agent, 'succeed');
    called(agent, 'fail', 5);
    await stand.round();
    expect(one.seen).toHaveLength(1);
  });

  it('that is left alone is tried by the next call once a probe has succeeded, and by one only', async () => {
    const agent = probedAt([one.url]);
    stand = proberStand([agent]);
    await stand.time.advance(intervalMs / 2 - 1);
    called(agent, 'fail', 5);
    const breaker = stand.traffic.of(agent).instances[0]?.breaker;
    expect(breaker?.waitMs(stand.time.nowMs())).toBe(5_000);
    await stand.time.advance(1);
    while (found() === undefined) await new Promise(setImmediate);
    expect([breaker?.state, breaker?.admits(stand.time.nowMs())]).toEqual(['open', true]);
    breaker?.enter(stand.time.nowMs());
    expect(breaker?.admits(stand.time.nowMs())).toBe(false);
  });

  it('is not left alone for probes that fail', async () => {
    const agent = probedAt([one.url]);
    stand = proberStand([agent]);
    stand.traffic.of(agent);
    one.script(answerJson({}, 503));
    for (let round = 0; round < 10; round++) await stand.round();
    expect(one.seen.length).toBeGreaterThanOrEqual(9);
    expect(stand.traffic.health(agent).origins).toMatchObject([
      { breaker: { state: 'closed' }, calls: 0, failures: 0 },
    ]);
  });

  it('that the agent has left is neither asked nor remembered', async () => {
    stand = proberStand([probedAt([one.url, other.url])]);
    await stand.round();
    stand.agents.splice(0, 1, probedAt([one.url], { revision: 2 }));
    await stand.round();
    expect(other.seen).toHaveLength(1);
    expect([...stand.prober.found('agent').keys()]).toEqual([one.url]);
  });
});

it('an agent that is deactivated is not asked any more', async () => {
  stand = proberStand([probedAt([one.url])]);
  await stand.round();
  stand.agents.splice(0, 1, probedAt([one.url], { status: 'inactive' }));
  for (let round = 0; round < 3; round++) await stand.round();
  expect(one.seen).toHaveLength(1);
});
