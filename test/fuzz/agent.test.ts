import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isRecord } from '../../src/protocol/json.ts';
import { type CallStand, startCallStand } from '../support/call-stand.ts';
import { cites } from '../support/cites.ts';
import { type Golden, readGoldens } from '../support/golden.ts';
import { type Answered, type Asked, ask, expectWellFormed, reasonOf } from './oracle.ts';
import { type Said, saidLike, scriptOf } from './said.ts';
import { seed } from './seed.ts';

/** Whatever an agent answers, its caller is answered in the words of its binding, and learns no secret. */

const minutes = 60_000;
let stand: CallStand;
/** By name, which is what a counterexample shows. */
let exchanges: ReadonlyMap<string, Golden>;

beforeAll(async () => {
  stand = await startCallStand({ limits: { maxEventBytes: 2_048, maxAnswerBytes: 16_384 } });
  exchanges = new Map(
    readGoldens()
      .filter(({ golden }) => golden.agent !== undefined)
      .map(({ name, text }) => [name, JSON.parse(text.replaceAll('{{agent}}', stand.agent.url)) as Golden]),
  );
});
afterAll(() => stand.close());

/** One exchange, in which the agent says something like what it should. */
function exchange(
  of: readonly string[],
  status: fc.Arbitrary<number>,
): fc.Arbitrary<readonly [string, Said]> {
  return fc.constantFrom(...of).chain((name) => {
    const usual = exchanges.get(name)?.agent?.answers ?? { headers: {}, body: [] };
    return saidLike(usual, status).map((said) => [name, said] as const);
  });
}

function askedOf(name: string): Asked {
  const { request } = exchanges.get(name) ?? {};
  if (request === undefined) throw new TypeError(`no exchange is called ${name}`);
  const { method, path, headers: given, body } = request;
  const bytes = body === undefined ? {} : { body: Uint8Array.from(Buffer.from(body.join('\n'))) };
  return { method, path, headers: given, ...bytes };
}

const ownReasons = [
  ...['INVALID_AGENT_RESPONSE', 'UPSTREAM_RESET', 'UPSTREAM_REDIRECTED', 'UPSTREAM_UNAUTHORIZED'],
  ...['UPSTREAM_UNAVAILABLE', 'UPSTREAM_TIMEOUT', 'UPSTREAM_STALLED'],
];

/** @param isRelayed whether the answer is the agent's own, letter for letter, if it is one at all */
function expectOfAgent(asked: Asked, answer: Answered, said: Said, isRelayed: boolean): void {
  const { status, headers: shown, text } = answer;
  expect(shown.get('www-authenticate')).toBeNull();
  const relayed = new TextDecoder().decode(said.body);
  if (shown.get('content-type')?.startsWith('text/event-stream')) {
    expectWellFormed(stand, asked, answer);
    const [own = ''] = /event: error\ndata: [^\n]*"domain":"a2a-[^\n]*\n\n$/.exec(text) ?? [];
    expect(relayed.startsWith(text.slice(0, text.length - own.length))).toBe(true);
  } else if (status >= 400 && text === relayed) {
    // An error of the agent's own is relayed letter for letter, and is JSON at least.
    expect(isRecord(JSON.parse(text))).toBe(true);
  } else {
    expectWellFormed(stand, asked, answer);
    // A result keeps the status the agent gave it, however odd.
    const isResult = Object.hasOwn(JSON.parse(text === '' ? '{}' : text), 'result');
    if (isRelayed && status >= 400 && !isResult) expect(ownReasons).toContain(reasonOf(text));
  }
}

/** Has what comes before an exchange take place, with the agent as it should be. */
async function prepare(name: string): Promise<void> {
  const { after } = exchanges.get(name) ?? {};
  const { agent } = (after !== undefined && exchanges.get(after)) || {};
  if (after === undefined || agent === undefined) return;
  const { status, headers, body } = agent.answers;
  stand.agent.script(
    scriptOf({ status, headers, body: Uint8Array.from(Buffer.from(body.join('\n'))), ending: 'end' }),
  );
  await ask(stand, askedOf(after));
}

async function fuzz(of: readonly string[], status: fc.Arbitrary<number>, numRuns: number): Promise<void> {
  const holds = async ([name, said]: readonly [string, Said]) => {
    await prepare(name);
    stand.agent.script(scriptOf(said));
    const asked = askedOf(name);
    const answer = await ask(stand, asked);
    expect(stand.agent.seen).not.toEqual([]);
    // What agents say of webhooks is told in the gateway's words.
    expectOfAgent(asked, answer, said, !name.includes('push-notification'));
  };
  await fc.assert(fc.asyncProperty(exchange(of, status), holds), { seed, numRuns });
}

it('answers', { timeout: 10 * minutes }, async () => {
  cites('A2A-13.4-agent-input', 'JSON-RPC 1.0', 'JSON-RPC 0.3', 'HTTP+JSON 1.0', 'HTTP+JSON 0.3');
  const status = fc.oneof(
    { weight: 6, arbitrary: fc.constant(200) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(201, 204, 206, 301, 307, 400, 401, 403, 404, 405, 407, 409, 413, 429),
    },
    { weight: 1, arbitrary: fc.constantFrom(500, 502, 503, 504, 599, 299) },
  );
  await fuzz([...exchanges.keys()], status, 8_000);
});

it('events', { timeout: 10 * minutes }, async () => {
  cites('A2A-13.4-agent-input', 'JSON-RPC 1.0', 'JSON-RPC 0.3', 'HTTP+JSON 1.0', 'HTTP+JSON 0.3');
  const isStream = ({ agent }: Golden) => agent?.answers.headers['content-type']?.includes('event-stream');
  const streams = [...exchanges].flatMap(([name, golden]) => (isStream(golden) ? [name] : []));
  await fuzz(streams, fc.constant(200), 6_000);
});
