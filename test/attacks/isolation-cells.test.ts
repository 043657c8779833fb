import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { OperationName } from '../../src/protocol/operations.ts';
import { cells } from '../requirements/clause.ts';
import { type CellCaller, cellCaller, expectRefused, operationsOf } from '../support/cell-caller.ts';
import { cites } from '../support/cites.ts';
import { permit, register, startGateway, type TestGateway } from '../support/gateway.ts';
import { grpcSettings } from '../support/grpc.ts';
import { legacyCardAt } from '../support/legacy.ts';

/** What `isolation.test.ts` holds against every route over HTTP, held against every operation in every way to speak. */

let gateway: TestGateway;

/** Ids of one length, so that what is answered about them can be compared byte for byte. */
const forbidden = {
  unknown: 'agent-0',
  active: 'agent-1',
  inactive: 'agent-2',
  pending: 'agent-3',
  quarantined: 'agent-4',
  /** Active, and speaks 0.3 alone. */
  legacy: 'agent-5',
  /** Active, and published in 1.0 alone. */
  current: 'agent-6',
} as const;

beforeAll(async () => {
  gateway = await startGateway({ settings: { grpc: grpcSettings } });
  for (const status of ['active', 'inactive', 'pending', 'quarantined'] as const) {
    await register(gateway, { agentId: forbidden[status] });
    const answer = await gateway.admin('PATCH', `/admin/agents/${forbidden[status]}/status`, { status });
    expect(answer.status).toBe(200);
  }
  await register(gateway, { agentId: forbidden.current, protocolVersions: ['1.0'] });
  gateway.agent.card(legacyCardAt(gateway.agent.url));
  await register(gateway, { agentId: forbidden.legacy });
  await permit(gateway, 'no-operations', { allowedAgents: ['*'], operations: [] });
});
afterAll(() => gateway.close());
afterEach(() => expect(gateway.agent.seen.splice(0)).toEqual([]));

describe.each(cells)('to a caller of %s', (cell) => {
  const known = operationsOf(cell);
  let callers: Record<'other' | 'powerless' | 'nobody' | 'forger', CellCaller>;
  beforeAll(async () => {
    const powerless = await gateway.issuer.token({ scope: 'no-operations' });
    callers = {
      other: cellCaller(gateway, cell, await gateway.issuer.token()),
      powerless: cellCaller(gateway, cell, powerless),
      nobody: cellCaller(gateway, cell),
      forger: cellCaller(gateway, cell, 'a.b.c'),
    };
  });
  afterAll(() => {
    for (const caller of Object.values(callers)) caller.close();
  });

  /** What is answered about every agent, the id of which is put in one form: one answer, or it tells them apart. */
  async function answersOf(who: keyof typeof callers, operation: OperationName) {
    const answers = Object.values(forbidden).map(async (agentId) => {
      const answer = await callers[who].call(operation, { agentId });
      return { ...answer, all: answer.all.replaceAll(agentId, '{agentId}') };
    });
    const [first, ...others] = await Promise.all(answers);
    if (first === undefined) throw new TypeError('there are agents');
    for (const { all } of others) expect(all).toBe(first.all);
    return first;
  }

  it.each(known)('an agent it may not call looks like one that does not exist: %s', async (operation) => {
    cites('A2A-3.3.2-not-found', 'A2A-13.1-before-lookup', cell);
    expectRefused(cell, await answersOf('other', operation), 'AGENT_FORBIDDEN');
  });

  it.each(known)('so does every agent, where it may do nothing: %s', async (operation) => {
    cites('A2A-3.3.2-not-found', cell);
    expectRefused(cell, await answersOf('powerless', operation), 'AGENT_FORBIDDEN');
  });

  it.each(known)('every agent asks for a token, and says where one is had: %s', async (operation) => {
    cites('A2A-7.4-authenticate', 'A2A-7.4-challenge', 'A2A-3.3.2-not-found', cell);
    if (operation === 'GetExtendedAgentCard') cites('A2A-13.3-authenticated', cell);
    const answer = await answersOf('nobody', operation);
    expectRefused(cell, answer, 'TOKEN_MISSING');
    expect(answer.header('www-authenticate')).toMatch(/^Bearer .*resource_metadata="/);
  });

  it.each(known)('every agent refuses a token that is none: %s', async (operation) => {
    cites('A2A-7.4-authenticate', cell);
    const answer = await answersOf('forger', operation);
    expect(JSON.stringify(answer.error.details)).toContain('"reason":"TOKEN_INVALID"');
    expect(answer.header('www-authenticate')).toContain('error="invalid_token"');
  });
});
