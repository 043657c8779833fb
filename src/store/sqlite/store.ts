import type { AgentChanges, Store } from '../port.ts';
import { SqliteAffinities } from './affinities.ts';
import { SqliteAgents } from './agents.ts';
import { SqliteAudit } from './audit.ts';
import { SqliteCardVersions } from './card-versions.ts';
import { SqliteChanges } from './changes.ts';
import { SqliteCounters } from './counters.ts';
import { openDriver, type SqlDriver } from './driver.ts';
import { GroupCommit } from './group-commit.ts';
import { SqliteHealth } from './health.ts';
import { migrate } from './migrate.ts';
import { SqliteOwnership } from './ownership.ts';
import { SqlitePermissions } from './permissions.ts';
import { SqlitePushConfigs } from './push-configs.ts';
import { SqlitePushOutbox } from './push-outbox.ts';
import { SqliteRevocations } from './revocations.ts';
import { SqliteUsage } from './usage.ts';

/** The store in one SQLite file. */
export interface SqliteStore extends Store {
  /** Of this store's agents, by whichever process. */
  readonly changes: AgentChanges;
  /** The store's own connection, for what shares its file: sealed secrets. Closed with the store. */
  readonly driver: SqlDriver;
}

/**
 * Opens the store, creating its file (0600) and folder (0700) if absent and bringing the schema up to date. Several
 * processes may hold one file open. A resolved write survives a crash of the process and, as far as the disk keeps
 * its word on fsync, a power cut.
 *
 * @throws StoreError `cannot_open`, `unknown_schema`, `busy`, `corrupt`, each with one line for an operator
 */
export function openSqliteStore({ path }: { path: string }): SqliteStore {
  const driver = openDriver(path);
  try {
    migrate(driver);
  } catch (error) {
    driver.close();
    throw error;
  }
  const commits = new GroupCommit(driver);
  return {
    driver,
    agents: new SqliteAgents(driver),
    cardVersions: new SqliteCardVersions(driver),
    changes: new SqliteChanges(driver),
    permissions: new SqlitePermissions(driver),
    affinities: new SqliteAffinities(driver),
    health: new SqliteHealth(driver),
    push: { configs: new SqlitePushConfigs(driver), outbox: new SqlitePushOutbox(driver) },
    revocations: new SqliteRevocations(driver),
    ownership: new SqliteOwnership(driver, commits),
    counters: new SqliteCounters(driver, commits),
    audit: new SqliteAudit(driver, commits),
    usage: new SqliteUsage(driver),
    close: async () => driver.close(),
  };
}
