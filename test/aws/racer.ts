/**
 * A process that makes the write of each line it is told and answers whether it won. A line is a JSON array: the
 * part of the store, the write, its arguments.
 */
import { createInterface } from 'node:readline';
import { storeOn } from './tables.ts';

const [endpoint = '', tableName = ''] = process.argv.slice(2);
const store = storeOn(endpoint, tableName);
process.stdout.write('ready\n');
for await (const line of createInterface(process.stdin)) {
  // As the test beside this file writes it.
  const [part, write, ...args] = JSON.parse(line) as [
    'agents' | 'permissions' | 'ownership',
    string,
    ...unknown[],
  ];
  const writes = store[part] as unknown as Record<string, (...args: unknown[]) => Promise<boolean>>;
  process.stdout.write(`${await writes[write]?.(...args)}\n`);
}
