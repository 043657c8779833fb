import { controlDefaults, controlQuantities } from './control-cost.ts';
import type { Quantities, SendShape } from './cost-model.ts';

/** What one search by `POST /search` takes on average. */
export interface SearchShape {
  /** Vectors in the index. */
  agents: number;
  /** Agents the caller may call. Up to 300 are looked at one by one; beyond, S3 Vectors is queried. */
  permitted: number;
  /** Results asked for; each is read from the table once more. */
  topK: number;
  queryTokens: number;
  /** Searches that ask which set of vectors serves: a process remembers it for 10 s. */
  asksForSet: number;
  /** Of an agent's document in the table. */
  readUnitsPerAgent: number;
  /** Of the function, its waiting included. */
  seconds: number;
  memoryMb: number;
}

export const searchDefaults: SearchShape = {
  agents: 10_000,
  permitted: 10_000,
  topK: 10,
  queryTokens: 15,
  // Searches are rare and instances many.
  asksForSet: 1,
  readUnitsPerAgent: 2,
  seconds: 0.5,
  memoryMb: 512,
};

/** As the indexer keeps it: 512 numbers, an id, at most 2 KB that filters ask for. */
const queriedBytes = 512 * 4 + 20 + 1_500;
const mostLookedAt = 300;
const keysPerGet = 100;
/** All near ones, those with any word, those with all words, those of this name. */
const queriesPerSearch = 4;
/** Permissions, and whom they cover. */
const permissionUnits = 4;

/** @param send its authorizer calls and bytes of log are those of a search, too */
export function searchQuantities(
  shape: SearchShape,
  send: Pick<SendShape, 'authorizerCalls' | 'logBytes' | 'platformLogBytes'>,
): Quantities {
  const { agents, permitted, topK, seconds, memoryMb } = shape;
  const isNarrow = permitted <= mostLookedAt;
  const queries = isNarrow ? 0 : queriesPerSearch;
  const lookedAt = isNarrow ? Math.ceil(permitted / keysPerGet) : 0;
  // Searches are rare, and counted with lists and cards; they are no use of an agent.
  const control = controlQuantities({
    ...{ ...controlDefaults, judges: 1 + send.authorizerCalls },
    ...{ headShare: 1, uses: 0, limits: 1 },
  });
  const logged = send.logBytes + (1 + send.authorizerCalls) * send.platformLogBytes;
  return {
    apiGatewayRequest: 1,
    wafRequest: 1,
    lambdaRequest: 1 + send.authorizerCalls,
    lambdaGbSecond: (memoryMb / 1_024) * seconds,
    dynamoRead: permissionUnits + topK * shape.readUnitsPerAgent + control.dynamoRead,
    dynamoWrite: control.dynamoWrite,
    embeddingToken: shape.queryTokens,
    vectorQuery: queries,
    vectorQueryTb: (queries * agents * queriedBytes) / 1e12,
    vectorRequest: lookedAt + shape.asksForSet,
    logIngestion: logged / 1e9,
    logStorage: logged / 1e9,
  };
}

/** What it takes to embed agents and to put them into the index. */
export interface IndexingShape {
  agents: number;
  /** Agents a run of the function brings in step at once: 1 as they change, 100 in a fill. */
  batch: number;
  tokensPerAgent: number;
  vectorKb: number;
  readUnitsPerAgent: number;
  /** Of one agent's embedding; six at a time. */
  embeddingSeconds: number;
  memoryMb: number;
}

export const indexingDefaults: IndexingShape = {
  agents: 10_000,
  batch: 1,
  tokensPerAgent: 400,
  vectorKb: 8,
  readUnitsPerAgent: 2,
  embeddingSeconds: 0.15,
  memoryMb: 512,
};

const leastPutKb = 128;
const lanes = 6;
/** Which indexes there are, what each says of itself, what it holds of these agents. */
const requestsPerBatch = 3;
const overheadSeconds = 0.2;

export function indexingQuantities(shape: IndexingShape): Quantities {
  const { agents, batch, embeddingSeconds } = shape;
  const batches = agents / batch;
  const seconds = batches * (overheadSeconds + Math.ceil(batch / lanes) * embeddingSeconds);
  return {
    lambdaRequest: batches,
    lambdaGbSecond: (shape.memoryMb / 1_024) * seconds,
    // Before they are put, and after.
    dynamoRead: 2 * agents * shape.readUnitsPerAgent,
    embeddingToken: agents * shape.tokensPerAgent,
    vectorPutGb: (batches * Math.max(leastPutKb, batch * shape.vectorKb)) / 1e6,
    vectorRequest: batches * requestsPerBatch,
  };
}
