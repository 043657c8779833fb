import { describe, expect, it } from 'vitest';
import { agentAt } from '../../test/support/forward-stand.ts';
import type { HealthReport } from './report.ts';
import { fromSharedReport, toSharedReport } from './shared-report.ts';

const agent = agentAt(['https://a.example'], { createdAtMs: 7 });
const timeMs = 1_800_000_000_000;

type OriginReport = HealthReport['origins'][number];

function anOrigin(members: Partial<OriginReport> = {}): OriginReport {
  return {
    ...{ origin: 'https://a.example', weight: 1, breaker: { state: 'closed', sinceMs: timeMs } },
    ...{ openCalls: 0, openStreams: 0, calls: 0, failures: 0 },
    ...members,
  };
}

const full = anOrigin({
  ...{ weight: 100, breaker: { state: 'open', sinceMs: timeMs, waitMs: 12.5 } },
  ...{ openCalls: 2_000, openStreams: 2_000, calls: 1_000_000_000, failures: 1_000_000_000 },
  ...{ lastSuccessMs: timeMs, headersMs: { p50: 100_000, p95: 100_000 } },
  lastFailure: { atMs: timeMs, code: 'upstream_response_too_large', phase: 'headers' },
  probe: { lastSuccessMs: timeMs, lastFailure: { atMs: timeMs, code: 'upstream_response_too_large' } },
});

function aReport(origins: OriginReport[]): HealthReport {
  return {
    ...{ atMs: timeMs, process: { id: 'p'.repeat(36), sinceMs: timeMs } },
    ...{ openCalls: 0, openStreams: 0, queuedCalls: 0, retries: 0 },
    origins,
    credential: { expiresAtMs: timeMs, problem: 'secret' },
  };
}

function shared(report: HealthReport, of = agent): string {
  return toSharedReport(of, report) ?? 'too long';
}

describe('what a process tells the others', () => {
  it('comes back as it was', () => {
    for (const report of [aReport([full, anOrigin()]), { ...aReport([]), credential: {} }])
      expect(fromSharedReport(agent, shared(report))).toStrictEqual(report);
  });

  it('is what is known to be harmless, whatever else a report may come to hold', () => {
    const leaking = { ...aReport([{ ...full, token: 'secret-1' } as OriginReport]), caller: 'secret-2' };
    expect(shared(leaking)).not.toContain('secret-');
  });

  it('is short enough for the most origins an agent may have, of the longest names', () => {
    const origins = Array.from({ length: 16 }, () => ({
      ...full,
      origin: `https://${'a'.repeat(253)}:65535`,
    }));
    expect(shared(aReport(origins))).not.toBe('too long');
    expect(shared(aReport([...origins, ...origins]))).toBe('too long');
  });

  it('is not listened to where it is of another agent, or not as this version tells it', () => {
    const text = shared(aReport([full]));
    expect(fromSharedReport({ ...agent, createdAtMs: 8 }, text)).toBeUndefined();
    for (const other of ['', 'null', '{}', '[]', text.slice(1), text.replace('"open"', '"ajar"')])
      expect(fromSharedReport(agent, other)).toBeUndefined();
    expect(fromSharedReport(agent, text.replaceAll(`${timeMs}`, '1e300'))).toBeUndefined();
  });
});
