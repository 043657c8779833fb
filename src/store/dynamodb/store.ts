import type { Store } from '../port.ts';
import { DynamoAffinities } from './affinities.ts';
import { DynamoAgents } from './agents.ts';
import { DynamoHealth } from './health.ts';
import { DynamoOwnership } from './ownership.ts';
import { DynamoPermissions } from './permissions.ts';
import { createDynamoPush } from './push.ts';
import type { Table } from './table.ts';

/**
 * The store in one DynamoDB table, whose keys are named in `table.ts`. Makes no table and no call until it is used.
 * Every read is strongly consistent and every write of an agent or permission one transaction, so any number of
 * processes may share the table.
 * A resolved write is on disk in at least two places; one that throws a StoreError may have been done or not.
 *
 * How often a call is tried again, and for how long, is the client's own setting; conflicts with other writes are
 * waited out for 5 s beside that. `close` destroys the client.
 */
export function createDynamoStore(table: Table): Store {
  return {
    agents: new DynamoAgents(table),
    permissions: new DynamoPermissions(table),
    affinities: new DynamoAffinities(table),
    health: new DynamoHealth(table),
    push: createDynamoPush(),
    ownership: new DynamoOwnership(table),
    close: async () => table.client.destroy(),
  };
}
