import { openEmbeddedIndex } from '../../src/search/embedded/embedded-index.ts';
import { hashingSet, toEntries } from './hashing-embedder.ts';

/**
 * A process that writes to an index file: agents `<prefix>-0`, `<prefix>-1` and so on, each with its vector, and removes
 * every third again. Prints a line for each of these when it is acknowledged; ends after `count`.
 */
const [path = '', prefix = '', count = '0'] = process.argv.slice(2);
const index = openEmbeddedIndex({ path });
// The index's thread does not keep a process alive.
const alive = setInterval(() => {}, 1_000);
const modelId = hashingSet().model.id;
for (let at = 0; at < Number(count); at++) {
  const literal = { agentId: `${prefix}-${at}`, description: `invoices of ${prefix}`, tags: [prefix] };
  for (const { document, vector } of await toEntries([literal])) {
    const { agentId, text } = document;
    const position = { storeId: prefix, sequence: at + 1 };
    await index.apply({ put: [document], remove: [], position });
    process.stdout.write(`put ${agentId}\n`);
    await index.putVectors(modelId, [{ agentId, text, vector }]);
    process.stdout.write(`vector ${agentId}\n`);
    if (at % 3 !== 2) continue;
    await index.apply({ put: [], remove: [agentId] });
    process.stdout.write(`removed ${agentId}\n`);
  }
}
await index.close();
clearInterval(alive);
