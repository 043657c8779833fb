import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Protocol, versionOf } from '../../examples/conformance/protocols.ts';
import { cites } from '../support/cites.ts';
import { type Pair, pairs, titleOf } from './cells.ts';
import { expected, withoutAdditions } from './expected.ts';
import { comparable, outcomeOf } from './observed.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios/scenarios.ts';
import { type Place, sdkClient } from './sdk-client.ts';
import { type MatrixStand, startMatrixStand } from './stand.ts';
import { isKnown, Results, tableFile } from './table.ts';

/**
 * The official SDK's clients of every protocol before the gateway, the SDK's servers of every protocol behind it. What a
 * client sees there is compared with what it sees of an agent of its own protocol, called directly.
 */

const results = new Results();
let stand: MatrixStand;
beforeAll(async () => {
  // Where the SDK's servers tell of every error they answer with, and of every push.
  for (const level of ['error', 'log'] as const) vi.spyOn(console, level).mockReturnValue();
  stand = await startMatrixStand();
});
afterAll(async () => {
  await stand.close();
  vi.restoreAllMocks();
});

const seenAlone = new Map<string, Promise<unknown>>();

/** What a client sees of an agent of its own protocol, called directly. */
function alone(protocol: Protocol, scenario: Scenario): Promise<unknown> {
  const key = `${protocol}: ${scenario.title}`;
  const known = seenAlone.get(key);
  if (known !== undefined) return known;
  const asked = versionOf(protocol) === '0.3' ? { run: scenario.legacy ?? scenario.run } : scenario;
  const seeing = seen(asked, protocol, stand.direct(protocol, scenario.agent ?? 'full'));
  seenAlone.set(key, seeing);
  return seeing;
}

function through({ caller, agent }: Pair, scenario: Scenario): Promise<unknown> {
  const { agent: variant = 'full', ownership = 'backend' } = scenario;
  return seen(scenario, caller, stand.through(agent, variant, ownership));
}

async function seen(scenario: Pick<Scenario, 'run'>, protocol: Protocol, place: Place): Promise<unknown> {
  const client = await sdkClient(protocol, place);
  return comparable(await outcomeOf(() => scenario.run(client)));
}

async function carried(pair: Pair, scenario: Scenario): Promise<void> {
  const [throughGateway, caller, agent] = await Promise.all(
    [through(pair, scenario), alone(pair.caller, scenario), alone(pair.agent, scenario)].map(async (seeing) =>
      withoutAdditions(await seeing, pair),
    ),
  );
  expect(throughGateway).toEqual(expected(throughGateway, { caller, agent }, pair));
}

/** The versions differ in what operations they have: who asks for one that is missing is told so. */
async function refused(pair: Pair, scenario: Scenario): Promise<void> {
  expect(await through(pair, scenario)).toMatchObject({ error: { message: expect.any(String) } });
}

describe.each(pairs.map((pair) => [titleOf(pair.caller), titleOf(pair.agent), pair] as const))(
  'a client of %s, and an agent of %s',
  (_, __, pair) => {
    it.concurrent.each(scenarios.map((scenario) => [scenario.title, scenario] as const))(
      '%s',
      async (_title, scenario) => {
        const { operation } = scenario;
        let hasPassed = false;
        try {
          await (isKnown(scenario, pair) ? carried(pair, scenario) : refused(pair, scenario));
          hasPassed = true;
        } finally {
          results.record(pair, operation, hasPassed);
        }
      },
    );
  },
);

it('all pass whose version has them, as the committed table says', async () => {
  cites(
    'A2A-5.1-equal-answers',
    'A2A-5.1-any-to-any',
    'A2A-5.1-every-operation',
    'JSON-RPC 1.0',
    'HTTP+JSON 1.0',
    'gRPC 1.0',
    'JSON-RPC 0.3',
    'HTTP+JSON 0.3',
    'gRPC 0.3',
  );
  await expect(results.text(pairs)).toMatchFileSnapshot(tableFile);
});
