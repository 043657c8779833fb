import { beginChain, type ChainEnd, nextSegment } from '../../src/audit/chain.ts';
import { createAuditSeals } from '../../src/audit/seals.ts';
import { type AuditFinding, verifyTrail } from '../../src/audit/verify.ts';
import type { AuditSegment, AuditStore, UsageDelta } from '../../src/store/ports/audit.ts';
import { secretsInMemory } from '../support/secrets-in-memory.ts';

export const nowMs = Date.UTC(2026, 2, 10, 11, 59, 58);
export const hourMs = 3_600_000;
export const retentionMs = 1_000_000_000;
export const seals = createAuditSeals({ secrets: secretsInMemory() });

export interface ChainOptions {
  /** Default 1 000. */
  everyMs?: number;
  fromMs?: number;
  retentionMs?: number;
}

/** A chain of segments with a record each. */
export async function chainOf(
  chainId: string,
  length: number,
  options: ChainOptions = {},
): Promise<AuditSegment[]> {
  const { everyMs = 1_000, fromMs = nowMs } = options;
  const segments: AuditSegment[] = [];
  let end: ChainEnd = beginChain(chainId);
  for (let n = 0; n < length; n++) {
    const records = `{"event":"call","requestId":"${chainId}-${n}"}\n`;
    const content = { records, nowMs: fromMs + n * everyMs, retentionMs, ...options };
    const segment = await nextSegment(end, content, seals);
    segments.push(segment);
    end = segment;
  }
  return segments;
}

/** @param atMs Default: after all that tests write, and before any of it expires. */
export async function findings(store: AuditStore, atMs = nowMs + 200 * hourMs): Promise<AuditFinding[]> {
  const found: AuditFinding[] = [];
  const trail = { segments: await store.scan(), heads: await store.heads() };
  for await (const finding of verifyTrail(trail, seals, atMs)) found.push(finding);
  return found;
}

export function aDelta(more: Partial<UsageDelta> = {}): UsageDelta {
  return {
    ...{ day: '2026-03-10', issuer: 'https://issuer.example', subject: 'alice', agentId: 'agent' },
    ...{ calls: 1, errors: 0, streams: 0, streamMs: 0, requestBytes: 10, responseBytes: 20 },
    expiresAtMs: nowMs + retentionMs,
    ...more,
  };
}
