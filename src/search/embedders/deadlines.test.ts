import { describe, expect, it, vi } from 'vitest';
import { createDeadlines } from './deadlines.ts';

const never = () => new Promise<never>(() => {});
const limitsMs = { query: 50, document: 60_000 };

function batchAskedAgo(purpose: 'query' | 'document', agoMs: number) {
  return { texts: ['an agent'], purpose, askedAtMs: performance.now() - agoMs };
}

describe('a deadline', () => {
  it('ends a call that hears its signal, and one that does not', async () => {
    const deadlines = createDeadlines(limitsMs);
    const signals: AbortSignal[] = [];
    const call = deadlines.within(batchAskedAgo('query', 0), (signal) => {
      signals.push(signal);
      return never();
    });
    await expect(call).rejects.toThrow('no answer within 50 ms');
    expect(signals[0]?.aborted).toBe(true);
  });

  it('of a query counts from when it was asked: one that is late is not begun', async () => {
    const begin = vi.fn(never);
    const call = createDeadlines(limitsMs).within(batchAskedAgo('query', 51), begin);
    await expect(call).rejects.toThrow('no answer within 50 ms');
    expect(begin).not.toHaveBeenCalled();
  });

  it('of a document counts from now, however long it waited', async () => {
    const call = createDeadlines(limitsMs).within(batchAskedAgo('document', 120_000), async () => 'answer');
    expect(await call).toBe('answer');
  });

  it('leaves what a call throws by itself as it is', async () => {
    const call = createDeadlines(limitsMs).within(batchAskedAgo('query', 0), async () => {
      throw new Error('its own');
    });
    await expect(call).rejects.toThrow('its own');
  });

  it('comes at once when all are ended', async () => {
    const deadlines = createDeadlines(limitsMs);
    const call = deadlines.within(batchAskedAgo('document', 0), never);
    deadlines.end();
    await expect(call).rejects.toThrow('closed');
  });
});
