import { loadedLater } from '../loaded-later.ts';
import type { Store } from '../port.ts';
import { DynamoAffinities } from './affinities.ts';
import { DynamoAgents } from './agents.ts';
import { DynamoCardVersions } from './card-versions.ts';
import { DynamoHealth } from './health.ts';
import { DynamoPermissions } from './permissions.ts';
import { DynamoRevocations } from './revocations.ts';
import type { Table } from './table.ts';

/**
 * The store in one DynamoDB table, whose keys are named in `table.ts`. Makes no table and no call until it is used.
 * Every read is strongly consistent and every write of an agent, permission or webhook one transaction, so any number of
 * processes may share the table.
 * A resolved write is on disk in at least two places; one that throws a StoreError may have been done or not.
 *
 * How often a call is tried again, and for how long, is the client's own setting; conflicts with other writes are
 * waited out for 5 s beside that. `close` destroys the client.
 */
export function createDynamoStore(table: Table): Store {
  const agents = new DynamoAgents(table);
  return {
    agents,
    cardVersions: new DynamoCardVersions(table, agents),
    permissions: new DynamoPermissions(table),
    affinities: new DynamoAffinities(table),
    health: new DynamoHealth(table),
    // Most functions on Lambda never ask for these.
    counters: loadedLater(async () => new (await import('./counters.ts')).DynamoCounters(table)),
    audit: loadedLater(async () => new (await import('./audit.ts')).DynamoAudit(table)),
    usage: loadedLater(async () => new (await import('./usage.ts')).DynamoUsage(table)),
    ownership: loadedLater(async () => new (await import('./ownership.ts')).DynamoOwnership(table)),
    revocations: new DynamoRevocations(table),
    push: {
      configs: loadedLater(async () => new (await import('./push-configs.ts')).DynamoPushConfigs(table)),
      outbox: loadedLater(async () => new (await import('./push-outbox.ts')).DynamoPushOutbox(table)),
    },
    close: async () => table.client.destroy(),
  };
}
