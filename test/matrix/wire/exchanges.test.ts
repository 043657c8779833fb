import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clauseOf } from '../../requirements/operations.ts';
import { cites } from '../../support/cites.ts';
import type { TestGateway } from '../../support/gateway.ts';
import { isTransparent, type Pair, titleOf } from '../cells.ts';
import { isKnown } from '../table.ts';
import { type Exchange, exchanges } from './exchanges.ts';
import { pairRows } from './pairs.ts';
import {
  agentScript,
  callerRequest,
  eventsIn,
  expectedAtAgent,
  expectedAtCaller,
  isStream,
  seenAtAgent,
} from './speech.ts';
import { fromWire } from './spelling.ts';
import { ask, startWireStand } from './stand.ts';

/** Calls and answers letter for letter, as each protocol has them, between every caller and every agent. */

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startWireStand();
});
afterAll(() => gateway.close());

describe.each(pairRows)('from %s to %s', (_, __, pair) => {
  const known = exchanges.filter(({ operation }) => isKnown({ operation }, pair));

  it.each(known.map((exchange) => [exchange.title, exchange] as const))('%s', async (_title, exchange) => {
    cites(clauseOf[exchange.operation], titleOf(pair.caller));
    const { caller, agent } = pair;
    if (exchange.after !== undefined) await (await play(pair, exchange.after)).text();
    gateway.agent.seen.splice(0);
    const response = await play(pair, exchange);
    const text = await response.text();
    const isUntouched = isTransparent(pair) && exchange.toAgent === undefined;
    const [seen] = gateway.agent.seen;
    expect(seen && seenAtAgent(seen)).toEqual(expectedAtAgent(agent, exchange, isUntouched));
    expect(response.status).toBe(200);
    const hasEvents = isStream(exchange.answer);
    expect(response.headers.get('content-type')).toBe(hasEvents ? 'text/event-stream' : 'application/json');
    expect(hasEvents ? eventsIn(text) : fromWire(text)).toEqual(expectedAtCaller(caller, exchange));
  });
});

function play({ caller, agent }: Pair, exchange: Exchange): Promise<Response> {
  gateway.agent.script(agentScript(agent, exchange));
  return ask(gateway, agent, callerRequest(caller, exchange));
}
