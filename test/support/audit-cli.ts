import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { createChangeTrail } from '../../src/audit/change-trail.ts';
import { createAuditSeals } from '../../src/audit/seals.ts';
import { main } from '../../src/cli/main.ts';
import type { Secrets } from '../../src/ports.ts';
import type { Store } from '../../src/store/port.ts';
import { aPermission } from '../contract/store.ts';

export const hourMs = 3_600_000;

/** Permissions, each set in a change that the trail tells of for a day, by a process that then ends. */
export async function tellPermissions(
  { store, secrets }: { store: Store; secrets: Secrets },
  scopes: readonly string[],
  atMs = Date.now() - hourMs,
): Promise<void> {
  const clock = { nowMs: () => atMs };
  const seals = createAuditSeals({ secrets });
  const trail = createChangeTrail({ seals, retentionMs: 24 * hourMs, clock, newId: randomUUID });
  for (const scope of scopes) {
    const change = {
      ...{ requestId: scope, by: { issuer: 'https://issuer.test', subject: 'kim' } },
      ...{ action: 'permission.set', target: scope, after: { scope, description: '\u2028' } },
    };
    await trail.change(change, (audited) => store.permissions.create(aPermission(scope), audited));
  }
  await store.close();
}

/** Runs `a2a-gateway audit` with these arguments, in this process. */
export async function runAudit(...args: string[]): Promise<{ code: number; out: string[]; err: string[] }> {
  const [out, err]: [string[], string[]] = [[], []];
  const io = {
    env: {},
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
    untilStopped: () => Promise.resolve(),
  };
  return { code: await main(['audit', ...args], io), out, err };
}

/** The findings of `audit verify`, each as its problem and numbers, and the exit code last. */
export async function auditFindings(...args: string[]): Promise<(string | number)[]> {
  const { code, out, err } = await runAudit('verify', '--json', ...args);
  expect(err).toEqual([]);
  const findings = out
    .map((line) => JSON.parse(line).finding)
    .filter((finding) => finding !== undefined)
    .map(({ problem, sequence, toSequence }) => [problem, sequence, toSequence].filter(Boolean).join(' '));
  return [...findings, code];
}
