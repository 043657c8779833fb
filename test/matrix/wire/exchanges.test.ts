import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clauseOf } from '../../requirements/operations.ts';
import { cites } from '../../support/cites.ts';
import type { TestGateway } from '../../support/gateway.ts';
import { isTransparent, titleOf } from '../cells.ts';
import { isKnown } from '../table.ts';
import { exchanges } from './exchanges.ts';
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
    gateway.agent.script(agentScript(agent, exchange));
    const response = await ask(gateway, agent, callerRequest(caller, exchange));
    const text = await response.text();
    expect(seenAtAgent(gateway.agent.seen.at(-1) ?? missing)).toEqual(
      expectedAtAgent(agent, exchange, isTransparent(pair)),
    );
    expect(response.status).toBe(200);
    const hasEvents = isStream(exchange.answer);
    expect(response.headers.get('content-type')).toBe(hasEvents ? 'text/event-stream' : 'application/json');
    expect(hasEvents ? eventsIn(text) : fromWire(text)).toEqual(expectedAtCaller(caller, exchange));
  });
});

const missing = { method: 'none', target: '', headers: {}, body: '' };
