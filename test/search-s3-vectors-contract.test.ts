import { searchIndexContract } from './contract/search-index.ts';
import { startS3VectorsStand } from './support/s3-vectors.ts';

searchIndexContract('S3 Vectors', {
  findsByWordsAlone: false,
  async open() {
    const stand = await startS3VectorsStand();
    // Of an empty registry: the set is complete, and from here on followed change by change.
    await stand.indexer.fill();
    return {
      async load(entries) {
        for (const { agent } of entries) await stand.put(agent);
        await stand.indexer.sync(entries.map(({ document }) => document.agentId));
      },
      async remove(agentIds) {
        for (const agentId of agentIds) await stand.remove(agentId);
        await stand.indexer.sync(agentIds);
      },
      index: stand.index,
      isExact: false,
      async close() {
        await stand.index.close();
        await stand.close();
      },
    };
  },
});
