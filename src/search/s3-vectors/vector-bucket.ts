import {
  CreateIndexCommand,
  DeleteIndexCommand,
  DeleteVectorsCommand,
  GetVectorsCommand,
  ListIndexesCommand,
  ListVectorsCommand,
  PutVectorsCommand,
  type PutVectorsCommandInput,
  QueryVectorsCommand,
  type QueryVectorsCommandInput,
  type S3VectorsClient,
} from '@aws-sdk/client-s3vectors';
import { inParallel, inPieces } from '../../in-parallel.ts';
import { indexPrefix, nonFilterableKeys } from './names.ts';

type Document = NonNullable<QueryVectorsCommandInput['filter']>;
/** A filter in the words of S3 Vectors. */
export type Filter = Record<string, Document>;

export interface KeptVector {
  key: string;
  metadata: unknown;
  /** Where values were asked for. */
  values?: Float32Array;
}

export interface FoundVector {
  key: string;
  metadata: unknown;
  /** Of the vector and the query's. */
  cosine: number;
}

/** The most that one query answers. */
export const maxTopK = 100;

const keysPerGet = 100;
const keysPerDelete = 500;
/** 500 are taken, but of 4096 dimensions they would be more than the 20 MiB a request may have. */
const vectorsPerPut = 100;
const maxParallel = 4;

/**
 * A vector bucket of S3 Vectors, with its limits kept: calls are split as they must be. Errors are the SDK's own; how often
 * a call is tried is the client's setting.
 */
export class VectorBucket {
  readonly #client: S3VectorsClient;
  readonly #vectorBucketName: string;

  constructor(client: S3VectorsClient, vectorBucketName: string) {
    this.#client = client;
    this.#vectorBucketName = vectorBucketName;
  }

  /** The 100 nearest of those a filter lets through, or fewer: the search is approximate. */
  async query(
    indexName: string,
    { values, filter }: { values: readonly number[]; filter: Filter },
    abortSignal?: AbortSignal,
  ): Promise<FoundVector[]> {
    const found: FoundVector[] = [];
    let nextToken: string | undefined;
    do {
      const answer: { vectors: unknown; nextToken?: string | undefined } = await this.#client.send(
        new QueryVectorsCommand({
          ...this.#at(indexName),
          topK: maxTopK,
          queryVector: { float32: [...values] },
          filter,
          returnMetadata: true,
          returnDistance: true,
          nextToken,
        }),
        abortSignal === undefined ? {} : { abortSignal },
      );
      const vectors = (answer.vectors ?? []) as { key?: string; metadata?: unknown; distance?: number }[];
      for (const { key = '', metadata, distance = 1 } of vectors)
        found.push({ key, metadata, cosine: 1 - distance });
      nextToken = vectors.length === 0 ? undefined : answer.nextToken;
    } while (nextToken !== undefined && found.length < maxTopK);
    return found;
  }

  /** Those of the keys there are, in any order. */
  async get(
    indexName: string,
    keys: readonly string[],
    { withValues, abortSignal }: { withValues: boolean; abortSignal?: AbortSignal },
  ): Promise<KeptVector[]> {
    const answers = await inParallel(inPieces(keys, keysPerGet), maxParallel, (piece) =>
      this.#client.send(
        new GetVectorsCommand({
          ...this.#at(indexName),
          keys: piece,
          returnMetadata: true,
          returnData: withValues,
        }),
        abortSignal === undefined ? {} : { abortSignal },
      ),
    );
    return answers
      .flatMap(({ vectors }) => vectors ?? [])
      .map(({ key = '', metadata, data }) => ({
        key,
        metadata,
        ...(data?.float32 !== undefined && { values: Float32Array.from(data.float32) }),
      }));
  }

  /** Over those of the same keys. */
  async put(indexName: string, vectors: readonly Required<KeptVector>[]): Promise<void> {
    await inParallel(inPieces(vectors, vectorsPerPut), maxParallel, (piece) =>
      this.#client.send(
        new PutVectorsCommand({
          ...this.#at(indexName),
          vectors: piece.map(({ key, metadata, values }) => ({
            key,
            metadata: metadata as Document,
            data: { float32: [...values] },
          })) as PutVectorsCommandInput['vectors'],
        }),
      ),
    );
  }

  /** Absent keys are fine. */
  async delete(indexName: string, keys: readonly string[]): Promise<void> {
    await inParallel(inPieces(keys, keysPerDelete), maxParallel, (piece) =>
      this.#client.send(new DeleteVectorsCommand({ ...this.#at(indexName), keys: piece })),
    );
  }

  /** One page of the keys, in no order. */
  async keys(indexName: string, nextToken?: string): Promise<{ keys: string[]; next?: string }> {
    const answer = await this.#client.send(
      new ListVectorsCommand({ ...this.#at(indexName), maxResults: 1_000, nextToken }),
    );
    const keys = (answer.vectors ?? []).flatMap(({ key }) => (key === undefined ? [] : [key]));
    return { keys, ...(answer.nextToken !== undefined && { next: answer.nextToken }) };
  }

  /** Names of our indexes, at most 500. */
  async indexNames(abortSignal?: AbortSignal): Promise<string[]> {
    const { indexes } = await this.#client.send(
      new ListIndexesCommand({
        vectorBucketName: this.#vectorBucketName,
        prefix: indexPrefix,
        maxResults: 500,
      }),
      abortSignal === undefined ? {} : { abortSignal },
    );
    return (indexes ?? [])
      .flatMap(({ indexName }) => (indexName === undefined ? [] : [indexName]))
      .filter((name) => name.startsWith(indexPrefix));
  }

  /** Nothing if there is one of that name; that it has these dimensions is not checked. */
  async createIndex(indexName: string, dimensions: number): Promise<void> {
    const command = new CreateIndexCommand({
      ...this.#at(indexName),
      dataType: 'float32',
      dimension: dimensions,
      distanceMetric: 'cosine',
      metadataConfiguration: { nonFilterableMetadataKeys: [...nonFilterableKeys] },
    });
    await this.#client.send(command).catch((error: unknown) => {
      if (nameOf(error) !== 'ConflictException') throw error;
    });
  }

  /** Nothing if there is none. */
  async deleteIndex(indexName: string): Promise<void> {
    await this.#client.send(new DeleteIndexCommand(this.#at(indexName))).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
  }

  #at(indexName: string): { vectorBucketName: string; indexName: string } {
    return { vectorBucketName: this.#vectorBucketName, indexName };
  }
}

/** Whether a call failed because there is no such index. */
export function isMissing(error: unknown): boolean {
  return nameOf(error) === 'NotFoundException';
}

/** Whether a call failed because of what was sent, so that it would fail again. */
export function isRefused(error: unknown): boolean {
  return nameOf(error) === 'ValidationException';
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
