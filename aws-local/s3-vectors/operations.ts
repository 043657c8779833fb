import * as z from 'zod';
import { check, ServiceError } from './service-error.ts';
import { VectorIndex } from './vector-index.ts';

interface KeptIndex {
  vectors: VectorIndex;
  description: Record<string, unknown>;
}

export interface OperationsOptions {
  /** Most vectors in one page of QueryVectors and of ListVectors, where the service's own limits are higher. */
  pageSize: number;
  /** How many of the nearest vectors a query holds against its filter. */
  examined: number;
}

const bucketName = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/);
const indexName = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/);
const pages = { maxResults: z.int().min(1).optional(), nextToken: z.string().optional() };
const inBucket = z.object({ vectorBucketName: bucketName });
const inIndex = inBucket.extend({ indexName });
const keys = z.array(z.unknown()).min(1);
const returned = { returnData: z.boolean().default(false), returnMetadata: z.boolean().default(false) };
const data = z.object({ float32: z.array(z.number()) });

const schemas = {
  CreateVectorBucket: inBucket,
  GetVectorBucket: inBucket,
  DeleteVectorBucket: inBucket,
  ListVectorBuckets: z.object({ ...pages, prefix: z.string().default('') }),
  CreateIndex: inIndex.extend({
    dataType: z.literal('float32'),
    dimension: z.int().min(1).max(4_096),
    distanceMetric: z.enum(['cosine', 'euclidean']),
    metadataConfiguration: z
      .object({ nonFilterableMetadataKeys: z.array(z.string().min(1).max(63)).min(1).max(10) })
      .optional(),
  }),
  GetIndex: inIndex,
  DeleteIndex: inIndex,
  ListIndexes: inBucket.extend({ ...pages, prefix: z.string().default('') }),
  PutVectors: inIndex.extend({
    vectors: z
      .array(z.object({ key: z.unknown(), data, metadata: z.unknown().optional() }))
      .min(1)
      .max(500),
  }),
  GetVectors: inIndex.extend({ keys: keys.max(100), ...returned }),
  DeleteVectors: inIndex.extend({ keys: keys.max(500) }),
  ListVectors: inIndex.extend({ ...pages, ...returned, maxResults: z.int().min(1).max(1_000).default(500) }),
  QueryVectors: inIndex.extend({
    topK: z.int().min(1).max(100),
    queryVector: data,
    filter: z.unknown().optional(),
    returnMetadata: z.boolean().default(false),
    returnDistance: z.boolean().default(false),
    nextToken: z.string().optional(),
  }),
} as const;

export type Operation = keyof typeof schemas;
type Input<O extends Operation> = z.output<(typeof schemas)[O]>;

export function isOperation(name: string): name is Operation {
  return Object.hasOwn(schemas, name);
}

/** The service without HTTP: buckets, their indexes, and what is done with them. */
export class Operations {
  readonly #options: OperationsOptions;
  readonly #buckets = new Map<string, Map<string, KeptIndex>>();

  constructor(options: OperationsOptions) {
    this.#options = options;
  }

  /** @throws ServiceError */
  run(operation: Operation, body: unknown): object {
    const input = schemas[operation].safeParse(body);
    if (!input.success) throw new ServiceError('ValidationException', z.prettifyError(input.error));
    // The schema is that of the operation, so its output is what the method takes.
    return (this as unknown as Record<Operation, (input: unknown) => object>)[operation](input.data);
  }

  CreateVectorBucket({ vectorBucketName }: Input<'CreateVectorBucket'>): object {
    if (this.#buckets.has(vectorBucketName))
      throw new ServiceError('ConflictException', 'there is such a bucket');
    this.#buckets.set(vectorBucketName, new Map());
    return { vectorBucketArn: arnOf(vectorBucketName) };
  }

  GetVectorBucket({ vectorBucketName }: Input<'GetVectorBucket'>): object {
    this.#bucket(vectorBucketName);
    return { vectorBucket: { vectorBucketName, vectorBucketArn: arnOf(vectorBucketName), creationTime: 0 } };
  }

  DeleteVectorBucket({ vectorBucketName }: Input<'DeleteVectorBucket'>): object {
    if (this.#bucket(vectorBucketName).size > 0)
      throw new ServiceError('ConflictException', 'it is not empty');
    this.#buckets.delete(vectorBucketName);
    return {};
  }

  ListVectorBuckets({ prefix, maxResults = 500, nextToken }: Input<'ListVectorBuckets'>): object {
    const names = [...this.#buckets.keys()].filter((name) => name.startsWith(prefix));
    const { items, ...next } = pageOf(names, Math.min(maxResults, 500), nextToken);
    const toSummary = (name: string) => ({
      vectorBucketName: name,
      vectorBucketArn: arnOf(name),
      creationTime: 0,
    });
    return { vectorBuckets: items.map(toSummary), ...next };
  }

  CreateIndex(input: Input<'CreateIndex'>): object {
    const { vectorBucketName, indexName: name, dimension, distanceMetric, metadataConfiguration } = input;
    const bucket = this.#bucket(vectorBucketName);
    if (bucket.has(name)) throw new ServiceError('ConflictException', 'there is such an index');
    const nonFilterable = metadataConfiguration?.nonFilterableMetadataKeys ?? [];
    const vectors = new VectorIndex(dimension, distanceMetric, nonFilterable);
    const indexArn = arnOf(vectorBucketName, name);
    const creationTime = Math.floor(vectors.createdAtMs / 1_000);
    bucket.set(name, { vectors, description: { ...input, indexArn, creationTime } });
    return { indexArn };
  }

  GetIndex(input: Input<'GetIndex'>): object {
    return { index: this.#index(input).description };
  }

  DeleteIndex({ vectorBucketName, indexName: name }: Input<'DeleteIndex'>): object {
    this.#index({ vectorBucketName, indexName: name });
    this.#bucket(vectorBucketName).delete(name);
    return {};
  }

  ListIndexes({ vectorBucketName, prefix, maxResults = 500, nextToken }: Input<'ListIndexes'>): object {
    const names = [...this.#bucket(vectorBucketName)].filter(([name]) => name.startsWith(prefix));
    const { items, ...next } = pageOf(names, Math.min(maxResults, 500), nextToken);
    const indexes = items.map(([name, { description }]) => ({
      vectorBucketName,
      indexName: name,
      indexArn: description.indexArn,
      creationTime: description.creationTime,
    }));
    return { indexes, ...next };
  }

  PutVectors({ vectors, ...at }: Input<'PutVectors'>): object {
    this.#index(at).vectors.put(
      vectors.map((vector) => ({
        key: vector.key,
        values: vector.data.float32,
        metadata: vector.metadata,
      })),
    );
    return {};
  }

  GetVectors({ keys: wanted, returnData, returnMetadata, ...at }: Input<'GetVectors'>): object {
    const found = this.#index(at).vectors.get(wanted);
    return { vectors: found.map((vector) => shown(vector, returnData, returnMetadata)) };
  }

  DeleteVectors({ keys: unwanted, ...at }: Input<'DeleteVectors'>): object {
    this.#index(at).vectors.delete(unwanted);
    return {};
  }

  ListVectors({ maxResults, nextToken, returnData, returnMetadata, ...at }: Input<'ListVectors'>): object {
    const size = Math.min(maxResults, this.#options.pageSize);
    const { items, ...next } = pageOf(this.#index(at).vectors.list(), size, nextToken);
    return { vectors: items.map((vector) => shown(vector, returnData, returnMetadata)), ...next };
  }

  QueryVectors(input: Input<'QueryVectors'>): object {
    const { topK, queryVector, filter, nextToken, returnMetadata, returnDistance } = input;
    const { vectors, description } = this.#index(input);
    const found = vectors.query({ values: queryVector.float32, topK, filter }, this.#options.examined);
    const { items, ...next } = pageOf(found, this.#options.pageSize, nextToken);
    return {
      vectors: items.map(({ vector, distance }) => ({
        ...shown(vector, false, returnMetadata),
        ...(returnDistance && { distance }),
      })),
      distanceMetric: description.distanceMetric,
      ...next,
    };
  }

  #bucket(name: string): Map<string, KeptIndex> {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw new ServiceError('NotFoundException', 'there is no such bucket');
    return bucket;
  }

  #index(at: { vectorBucketName: string; indexName: string }): KeptIndex {
    const index = this.#bucket(at.vectorBucketName).get(at.indexName);
    if (index === undefined) throw new ServiceError('NotFoundException', 'there is no such index');
    return index;
  }
}

type Stored = ReturnType<VectorIndex['list']>[number];

function shown({ key, values, metadata }: Stored, returnData: boolean, returnMetadata: boolean): object {
  return {
    key,
    ...(returnData && { data: { float32: [...values] } }),
    ...(returnMetadata && { metadata }),
  };
}

/** The token is the number of items before the page. */
function pageOf<T>(items: readonly T[], size: number, token = '0'): { items: T[]; nextToken?: string } {
  check(/^\d{1,9}$/.test(token), 'no such token');
  const end = Number(token) + size;
  return { items: items.slice(Number(token), end), ...(end < items.length && { nextToken: `${end}` }) };
}

function arnOf(bucket: string, index?: string): string {
  const base = `arn:aws:s3vectors:us-east-1:123456789012:bucket/${bucket}`;
  return index === undefined ? base : `${base}/index/${index}`;
}
