import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OperationName, operations } from '../src/protocol/operations.ts';
import {
  agentAt,
  breaker,
  type ForwardStand,
  forwardStand,
  patientBreaker,
} from './support/forward-stand.ts';
import { answerJson, type Script, type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';

/** What is sent again where an attempt fails, and what never is. */

let one: ScriptedAgent;
let other: ScriptedAgent;
/** An origin where nobody listens. */
let away: string;

beforeAll(async () => {
  const gone = await startScriptedAgent();
  away = gone.url;
  [one, other] = await Promise.all([startScriptedAgent(), startScriptedAgent()]);
  await gone.close();
});
afterAll(() => Promise.all([one.close(), other.close()]));

/** Whose breaker never opens, so that what is seen is the retries' doing. */
async function withStand(use: (stand: ForwardStand) => Promise<void>, random?: () => number): Promise<void> {
  const stand = forwardStand({ breaker: patientBreaker, ...(random !== undefined && { random }) });
  for (const agent of [one, other]) agent.seen.splice(0);
  scriptAll([one, other], []);
  try {
    await use(stand);
  } finally {
    await stand.close();
  }
}

const faults = {
  ok: answerJson({}),
  refused: answerJson({}, 401),
  error: answerJson({}, 500),
  bad: answerJson('bad gateway', 502),
  busy: answerJson('busy', 503),
  late: answerJson('late', 504),
  reset: (_, response) => response.destroy(),
  broken: (_, response) => {
    response.writeHead(200, { 'content-length': '99' }).write('{', () => response.destroy());
  },
  garbage: (_, response) => response.socket?.end('220 mail.example ESMTP\r\n'),
} satisfies Record<string, Script>;

type Fault = keyof typeof faults;

/** Answers one call after the other as told, then well. */
function scriptAll(agents: readonly ScriptedAgent[], sequence: readonly Fault[]): void {
  const left = [...sequence];
  for (const agent of agents) agent.script((...call) => faults[left.shift() ?? 'ok'](...call));
}

describe('a call that changes something', () => {
  const writing = operations.filter(({ reads }) => !reads).map(({ name }) => name);

  it('reaches agents once at most, whatever fails', async () => {
    const fault = fc.constantFrom(...(Object.keys(faults) as Fault[]));
    const call = fc.record({
      name: fc.constantFrom(...writing),
      faults: fc.array(fault, { minLength: 1, maxLength: 4 }),
      urls: fc.shuffledSubarray(['one', 'other', 'away'], { minLength: 1 }),
      chance: fc.double({ min: 0, max: 0.999, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(call, async ({ name, faults, urls, chance }) => {
        await withStand(
          async (stand) => {
            scriptAll([one, other], faults);
            const places = { one: one.url, other: other.url, away };
            const agent = agentAt(urls.map((url) => places[url as keyof typeof places]));
            await stand.call(agent, name).then(
              (response) => response.bytes(1_000).catch(() => {}),
              () => {},
            );
            expect(one.seen.length + other.seen.length).toBeLessThanOrEqual(1);
            expect(stand.traffic.health(agent)).toMatchObject({
              openCalls: 0,
              openStreams: 0,
              queuedCalls: 0,
            });
          },
          () => chance,
        );
      }),
      { numRuns: 150 },
    );
  });

  it.each(writing)('%s goes elsewhere where nobody listens', (name) =>
    withStand(async (stand) => {
      const agent = agentAt([away, one.url]);
      const response = await stand.call(agent, name);
      expect([response.status, one.seen.length]).toEqual([200, 1]);
      await response.bytes(100);
      expect(stand.traffic.health(agent)).toMatchObject({
        retries: 1,
        origins: [
          { calls: 1, failures: 1, lastFailure: { code: 'upstream_unreachable' } },
          { calls: 1, failures: 0, lastSuccessMs: 1_000_000 },
        ],
      });
    }),
  );

  it('is tried three times where nobody listens anywhere', () =>
    withStand(async (stand) => {
      const agent = agentAt([away]);
      await expect(stand.call(agent, 'SendMessage')).rejects.toMatchObject({
        failure: { code: 'upstream_unreachable' },
      });
      expect(stand.traffic.health(agent).origins[0]?.calls).toBe(3);
    }));
});

describe('a call that only reads', () => {
  const reading = operations.filter(({ reads }) => reads).map(({ name }) => name);

  it.each(reading)('%s is sent again where it was cut off or the agent is down', (name: OperationName) =>
    withStand(async (stand) => {
      for (const fault of ['reset', 'bad', 'busy', 'late'] as const) {
        scriptAll([one], [fault, fault]);
        one.seen.splice(0);
        const response = await stand.call(agentAt([one.url]), name);
        await response.bytes(100);
        expect([fault, response.status, one.seen.length]).toEqual([fault, 200, 3]);
      }
    }),
  );

  it('goes to another origin first', () =>
    withStand(async (stand) => {
      scriptAll([one], ['bad', 'bad']);
      scriptAll([other], []);
      const response = await stand.call(agentAt([one.url, other.url]), 'GetTask');
      await response.bytes(100);
      expect([response.status, one.seen.length, other.seen.length]).toEqual([200, 1, 1]);
    }));

  it('is answered as the agent answers where it stays down', () =>
    withStand(async (stand) => {
      scriptAll([one], ['bad', 'late', 'busy']);
      const response = await stand.call(agentAt([one.url]), 'GetTask');
      expect([response.status, Buffer.from(await response.bytes(100)).toString()]).toEqual([503, 'busy']);
    }));

  it('is not sent again once its answer has begun', () =>
    withStand(async (stand) => {
      scriptAll([one], ['broken']);
      const response = await stand.call(agentAt([one.url]), 'GetTask');
      await expect(response.bytes(100)).rejects.toMatchObject({ failure: { code: 'upstream_reset' } });
      expect(one.seen).toHaveLength(1);
    }));

  it('waits as long as an agent that is down says', () =>
    withStand(async (stand) => {
      one.script((_, response) => response.writeHead(503, { 'retry-after': '7' }).end('busy'));
      const response = await stand.call(agentAt([one.url]), 'GetTask');
      await response.bytes(100);
      expect([response.status, one.seen.length]).toEqual([503, 1]);
    }));
});

describe('retries', () => {
  it('of one agent are ten, and then a fifth of its calls', () =>
    withStand(async (stand) => {
      const agent = agentAt([away]);
      for (let call = 0; call < 50; call++) await stand.call(agent, 'SendMessage').catch(() => {});
      const { retries } = stand.traffic.health(agent);
      expect(retries).toBeGreaterThanOrEqual(10);
      expect(retries).toBeLessThanOrEqual(20);
    }));

  it('end where their time is over', () =>
    withStand(async (stand) => {
      const agent = agentAt([one.url], { deadlines: { headersTimeoutMs: 5_000 } });
      one.script((_, response) => {
        stand.clock.nowMs += 4_950;
        response.destroy();
      });
      await expect(stand.call(agent, 'GetTask')).rejects.toMatchObject({
        failure: { code: 'upstream_reset' },
      });
      expect(one.seen).toHaveLength(1);
    }));

  it('are not made for a caller who has left', () =>
    withStand(async (stand) => {
      const caller = new AbortController();
      one.script((_, response) => {
        caller.abort();
        response.destroy();
      });
      await expect(stand.call(agentAt([one.url]), 'GetTask', { caller })).rejects.toMatchObject({
        failure: { code: 'caller_left' },
      });
      expect(one.seen).toHaveLength(1);
    }));

  it('stop where the origin is left alone, with what it failed with', async () => {
    const stand = forwardStand({ breaker: { ...breaker, consecutiveFailures: 2 } });
    const agent = agentAt([away]);
    await expect(stand.call(agent, 'SendMessage')).rejects.toMatchObject({
      failure: { code: 'upstream_unreachable' },
    });
    expect(stand.traffic.health(agent).origins[0]?.calls).toBe(2);
    await stand.close();
  });
});
