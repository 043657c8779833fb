import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Cell } from '../requirements/clause.ts';
import { type CallStand, startCallStand } from '../support/call-stand.ts';
import { cellOfGolden } from '../support/citations.ts';
import { cites } from '../support/cites.ts';
import { type Golden, readGoldens } from '../support/golden.ts';
import type { Script } from '../support/scripted-agent.ts';
import { type Answered, type Asked, ask, expectEnvelope, expectWellFormed } from './oracle.ts';
import { type Said, saidLike, scriptOf } from './said.ts';
import { seed } from './seed.ts';

/** Whatever an agent answers in its protocol, a caller of another is answered in its own. */

const minutes = 60_000;
let stand: CallStand;

beforeAll(async () => {
  stand = await startCallStand({ limits: { maxEventBytes: 2_048, maxAnswerBytes: 16_384 } });
});
afterAll(() => stand.close());

/** Where agents of each protocol are that callers of another reach by it. */
const agentOf: Readonly<Partial<Record<Cell, string>>> = {
  'JSON-RPC 1.0': 'agent',
  'JSON-RPC 0.3': 'veteran',
  'HTTP+JSON 0.3': 'elder',
};

const goldens = readGoldens()
  .filter(({ golden }) => golden.agent !== undefined && golden.operation !== undefined)
  .map(({ name, golden }) => ({ name, golden, cell: cellOfGolden(name) }));

/** A golden question of one protocol, and the golden answer of another to the same operation. */
const translated = goldens.flatMap((asked) =>
  goldens
    .filter(({ golden, cell }) => golden.operation === asked.golden.operation && isBridged(asked.cell, cell))
    .map((said) => ({ asked, said })),
);

/** An agent of 1.0 offers both bindings there. */
function isBridged(caller: Cell, agent: Cell): boolean {
  const isOwn = agent === 'JSON-RPC 1.0' ? caller.endsWith('1.0') : caller === agent;
  return agentOf[agent] !== undefined && !isOwn;
}

function askedOf({ request }: Golden, agentId: string): Asked {
  const { method, path, headers, body } = request;
  const bytes = body === undefined ? {} : { body: Uint8Array.from(Buffer.from(body.join('\n'))) };
  return { method, path: path.replace(/^\/agents\/\w+/, `/agents/${agentId}`), headers, ...bytes };
}

/** Under the id the gateway asked with, so that the answer is one to it. */
function answering(said: Said): Script {
  return (request, response, incoming) => {
    const [, id = 'null'] = /"id":("(?:[^"\\]|\\.)*"|[^,}\s]+)/.exec(request.body) ?? [];
    const text = Buffer.from(said.body)
      .toString('latin1')
      .replace(/"id":("ab"|-?\d+|null)/g, () => `"id":${id}`);
    const body = Uint8Array.from(Buffer.from(text, 'latin1'));
    scriptOf({ ...said, body })(request, response, incoming);
  };
}

function expectTranslated(asked: Asked, answer: Answered): void {
  expectWellFormed(stand, asked, answer);
  expect(answer.headers.get('www-authenticate')).toBeNull();
  if (!answer.headers.get('content-type')?.startsWith('text/event-stream')) return;
  for (const [, data = ''] of answer.text.matchAll(/^data: (.*)$/gm)) {
    const event: unknown = JSON.parse(data);
    if (/^\/agents\/[^/]+\/?$/.test(asked.path)) expectEnvelope(asked, event);
    else expect(event).toBeTypeOf('object');
  }
}

it('answers and events', { timeout: 10 * minutes }, async () => {
  cites('A2A-13.4-agent-input', 'JSON-RPC 1.0', 'JSON-RPC 0.3', 'HTTP+JSON 1.0', 'HTTP+JSON 0.3');
  const status = fc.oneof(
    { weight: 6, arbitrary: fc.constant(200) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(201, 204, 400, 401, 403, 404, 409, 429, 500, 501, 502, 503, 504),
    },
  );
  const exchange = fc.nat({ max: translated.length - 1 }).chain((at) => {
    const usual = translated[at]?.said.golden.agent?.answers ?? { headers: {}, body: [] };
    return saidLike(usual, status).map((said) => [at, said] as const);
  });
  let succeeded = 0;
  const holds = async ([at, said]: readonly [number, Said]) => {
    const pair = translated[at];
    if (pair === undefined) throw new TypeError(`no exchange ${at}`);
    stand.agent.script(answering(said));
    const asked = askedOf(pair.asked.golden, agentOf[pair.said.cell] ?? '');
    const answer = await ask(stand, asked);
    expectTranslated(asked, answer);
    if (answer.status < 300 && !answer.text.includes('"error"')) succeeded += 1;
  };
  const numRuns = 8_000;
  await fc.assert(fc.asyncProperty(exchange, holds), { seed, numRuns });
  expect(succeeded).toBeGreaterThan(numRuns / 20);
});
