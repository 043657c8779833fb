import type { PermissionOperation } from '../protocol/permission-operations.ts';
import { type Admin, ImportStopped, refusalOf } from './admin.ts';
import { isRecord } from './attribute-value.ts';
import { type ClientSecret, type Moved, moveAgent } from './move-agent.ts';
import { movePermission } from './move-permission.ts';
import type { Outcome } from './outcome.ts';
import { parseSampleAgent } from './sample-agent.ts';
import { parseSamplePermission } from './sample-permission.ts';

/** What a deployment of the sample keeps; rows as plain values. */
export interface SampleSource {
  /** @throws ImportStopped */
  agents(): Promise<readonly unknown[]>;
  /** @throws ImportStopped */
  permissions(): Promise<readonly unknown[]>;
  /** The client secret an agent refers to, or why there is none to be had. */
  clientSecret(arn: string): Promise<ClientSecret | { missing: string }>;
}

export interface ImportOptions {
  /** What every scope may do; absent: see `movePermission`. */
  operations?: readonly PermissionOperation[] | undefined;
  isDryRun: boolean;
}

export interface ImportResult {
  /** What was done, agents first, each in the order of its key. */
  report: readonly Outcome[];
  /** What ended it early; the rows it had not come to are missing from the report. */
  stopped?: unknown;
}

/** Rows moved at a time: each may have the gateway fetch a card. */
const concurrency = 4;

/**
 * Moves agents, then permissions, to a running gateway over its admin routes, so that every check of the gateway
 * holds. Run again, it changes only what differs. What is at the gateway and not in the sample stays.
 *
 * @throws ImportStopped when nothing could be read, or the gateway does not let us in
 */
export async function importSample(
  source: SampleSource,
  admin: Admin,
  { operations, isDryRun }: ImportOptions,
): Promise<ImportResult> {
  await checkAdmin(admin);
  const [agents, permissions] = await Promise.all([source.agents(), source.permissions()]);
  const report: Outcome[] = [];
  try {
    await moveAll(agents, 'agent', 'agentId', report, (row) => movedAgent(row, source, admin, isDryRun));
    // After the agents: no scope reaches an agent before it is as it is to be, inactive ones included.
    await moveAll(permissions, 'permission', 'scope', report, async (row) => {
      const parsed = parseSamplePermission(row);
      if ('skipped' in parsed) return skipped(parsed.skipped);
      return movePermission(parsed.value, operations, admin, isDryRun);
    });
    return { report };
  } catch (stopped) {
    return { report, stopped };
  }
}

async function checkAdmin(admin: Admin): Promise<void> {
  const answer = await admin.call('GET', '/admin/permissions?pageSize=1');
  if (answer.ok && Array.isArray(answer.body.permissions)) return;
  throw new ImportStopped(`no gateway's admin routes are there: ${refusalOf(answer)}; check --to`);
}

async function movedAgent(
  row: unknown,
  source: SampleSource,
  admin: Admin,
  isDryRun: boolean,
): Promise<Moved> {
  const parsed = parseSampleAgent(row);
  if ('skipped' in parsed) return skipped(parsed.skipped);
  const secret = await source.clientSecret(parsed.value.clientSecretArn);
  if ('missing' in secret) return skipped(secret.missing);
  return moveAgent(parsed.value, secret, admin, isDryRun);
}

function skipped(reason: string): Moved {
  return { outcome: 'skipped', notes: [reason] };
}

/** Moves the rows, a few at a time, and reports those it came to in the order of their keys. */
async function moveAll(
  rows: readonly unknown[],
  kind: Outcome['kind'],
  key: string,
  report: Outcome[],
  move: (row: unknown) => Promise<Moved>,
): Promise<void> {
  const keyed = rows.map((row) => ({ row, id: idOf(row, key) }));
  keyed.sort((one, other) => (one.id < other.id ? -1 : Number(one.id > other.id)));
  const done = new Map<number, Outcome>();
  const waiting = drawn(keyed);
  const work = async () => {
    // A row that throws closes the generator, and with it everybody's loop.
    for (const [at, { row, id }] of waiting) done.set(at, { kind, id, ...(await move(row)) });
  };
  const ended = await Promise.allSettled(Array.from({ length: concurrency }, work));
  report.push(...[...done].sort(([one], [other]) => one - other).map(([, outcome]) => outcome));
  const failed = ended.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function* drawn<T>(items: readonly T[]): Generator<[number, T]> {
  yield* items.entries();
}

function idOf(row: unknown, key: string): string {
  const id = isRecord(row) ? row[key] : undefined;
  return typeof id === 'string' && id !== '' ? id : '?';
}
