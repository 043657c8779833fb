import { describe, expect, it } from 'vitest';
import type { Secrets } from '../ports.ts';
import { createSealer } from '../sealing/sealer.ts';
import { createTaskPageTokens } from './page-token.ts';

let nowMs = 0;
let kept: string | undefined;
const secrets: Pick<Secrets, 'get' | 'create'> = {
  get: async () => kept,
  async create(_, value) {
    kept = value;
    return true;
  },
};
const sealer = createSealer({ secrets: secrets as Secrets }); // Only these are asked for.
const tokens = createTaskPageTokens({ sealer, clock: { nowMs: () => nowMs } });

const holder = { agentKey: 'agent', ownerKey: 'alice' };
const filter = { contextId: 'c', state: 'TASK_STATE_WORKING', statusFromMs: 5 } as const;
const walk = { holder, filter };
const cursor = { statusAtMs: 7, taskId: 's3cret task' };

const refusal = expect.objectContaining({
  failure: { code: 'parameter_invalid', parameter: 'pageToken', problem: 'not a page token' },
});

describe('a token of a page', () => {
  it('says to who made it where the next one begins, and nothing to who holds it', async () => {
    const token = await tokens.tokenOf(cursor, walk);
    expect(await tokens.cursorOf(token, walk)).toEqual(cursor);
    expect(token).toMatch(/^[\w.-]+$/);
    expect(Buffer.from(token, 'base64url').toString()).not.toContain('s3cret');
  });

  it('is none to another caller, at another agent and with another filter', async () => {
    const token = await tokens.tokenOf(cursor, walk);
    const { contextId, state, statusFromMs } = filter;
    const others = [
      { holder: { ...holder, ownerKey: 'bob' }, filter },
      { holder: { ...holder, agentKey: 'other' }, filter },
      { holder, filter: {} },
      { holder, filter: { ...filter, contextId: 'd' } },
      { holder, filter: { ...filter, state: 'TASK_STATE_FAILED' as const } },
      { holder, filter: { ...filter, statusFromMs: 6 } },
      { holder, filter: { state, statusFromMs } },
      { holder, filter: { contextId, statusFromMs } },
      { holder, filter: { contextId, state } },
    ];
    for (const other of others) await expect(tokens.cursorOf(token, other)).rejects.toThrow(refusal);
  });

  it('is none after an hour, nor altered or invented, all in the same words', async () => {
    nowMs = 1_000;
    const token = await tokens.tokenOf(cursor, walk);
    nowMs += 60 * 60_000 - 1;
    expect(await tokens.cursorOf(token, walk)).toEqual(cursor);
    nowMs++;
    for (const none of [token, `${token}A`, token.slice(1), '1', 'eyJzdGF0dXNBdE1zIjo3fQ'])
      await expect(tokens.cursorOf(none, walk)).rejects.toThrow(refusal);
  });
});
