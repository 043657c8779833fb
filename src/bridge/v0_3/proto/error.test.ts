import { describe, expect, it } from 'vitest';
import type { AgentError } from '../../agent-error.ts';
import { legacyRestAgentErrorBody } from './error.ts';

const notFound: AgentError = {
  reason: 'TASK_NOT_FOUND',
  rpcCode: -32001,
  status: 'NOT_FOUND',
  httpStatus: 404,
  message: 'no such task',
  details: [],
};

describe('an agent’s error in HTTP+JSON of 0.3', () => {
  it.each([
    [{}, {}],
    [{ details: [{ '@type': 'x' }] }, { data: [{ '@type': 'x' }] }],
    [{ data: 'why', details: [{ '@type': 'x' }] }, { data: 'why' }],
  ])('keeps code, message and data: %j', (more, data) => {
    const body: unknown = JSON.parse(legacyRestAgentErrorBody({ ...notFound, ...more }));
    expect(body).toEqual({ code: -32001, message: 'no such task', type: 'TaskNotFoundError', ...data });
  });

  it('has no name where the agent gave no reason', () => {
    const { reason: _, ...vendor } = { ...notFound, rpcCode: 7 };
    expect(JSON.parse(legacyRestAgentErrorBody(vendor))).toEqual({ code: 7, message: 'no such task' });
  });
});
