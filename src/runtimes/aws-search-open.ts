import { S3VectorsClient } from '@aws-sdk/client-s3vectors';
import type { Settings } from '../config.ts';
import type { Embedder } from '../search/embedder.ts';
import { createEmbedders, sourceOf } from '../search/embedders/open.ts';
import { createIndexer, type Indexer } from '../search/s3-vectors/indexer.ts';
import { createS3VectorsIndex } from '../search/s3-vectors/s3-vectors-index.ts';
import { createSearch, type Search } from '../search/search.ts';
import type { VectorSet } from '../search/search-index.ts';
import type { AwsSearchParts } from './aws-search.ts';

export interface OpenedAwsSearch {
  search: Search;
  indexer(): Indexer;
  close(): Promise<void>;
}

/** A query is given 5 s in all by the index; a write of 100 vectors of 1024 dimensions is some megabytes. */
const searching = { maxAttempts: 3, requestHandler: givenUpAfter(2_000) };
const filling = { maxAttempts: 5, requestHandler: givenUpAfter(20_000) };

/** What `openAwsSearch` opens when it is needed. Region, credentials and endpoints are where the AWS SDK looks for them. */
export function openNow(
  settings: Settings,
  vectorBucketName: string,
  parts: AwsSearchParts,
): OpenedAwsSearch {
  const { agents, upstream, clock, log } = parts;
  const source = sourceOf(settings.search, settings.store);
  const embedders = createEmbedders({ upstream, openai: settings.search.openai });
  const index = createS3VectorsIndex({
    client: new S3VectorsClient(searching),
    modelId: async () => (await embedders.open(source)).model.id,
    ...{ vectorBucketName, agents, clock, log },
  });
  let indexer: Indexer | undefined;

  async function embedderFor({ model, source: from }: VectorSet): Promise<Embedder | undefined> {
    try {
      return await embedders.open(from);
    } catch (cause) {
      log.write('warn', 'search: model cannot be opened', { modelId: model.id, cause });
      return undefined;
    }
  }

  return {
    search: createSearch({ index, embedderFor, clock, log }),
    indexer() {
      indexer ??= createIndexer({
        client: new S3VectorsClient(filling),
        ...{ vectorBucketName, agents, embedders, source, clock, log },
      });
      return indexer;
    },
    async close() {
      await embedders.close();
      await index.close();
      indexer?.close();
    },
  };
}

/** Without its last member a try that takes longer is warned of, and waited for. */
function givenUpAfter(requestTimeout: number) {
  return { connectionTimeout: 1_000, requestTimeout, throwOnRequestTimeout: true };
}
