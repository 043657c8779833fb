import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Embedder } from '../src/search/embedder.ts';
import { createBedrockEmbedder } from '../src/search/embedders/bedrock.ts';
import type { DeadlinesMs } from '../src/search/embedders/deadlines.ts';
import { createOpenAiEmbedder, type OpenAiEmbedderOptions } from '../src/search/embedders/openai.ts';
import { unavailable } from './contract/embedder.ts';
import {
  bedrockClient,
  type EmbeddingFault,
  type EmbeddingServer,
  type EmbeddingServerOptions,
  startEmbeddingServer,
} from './support/embedding-server.ts';
import { upstream } from './support/upstream-servers.ts';

let server: EmbeddingServer;
const embedders: Embedder[] = [];
beforeEach(async () => {
  server = await startEmbeddingServer();
});
afterEach(async () => {
  for (const embedder of embedders.splice(0)) await embedder.close();
  await server.close();
});

const apiKey = 'Zq7-Kx0Wv_Jp3.Yt9';

function openAi(more: Partial<OpenAiEmbedderOptions> = {}): Embedder {
  const given = { upstream: upstream(), url: server.openAiUrl, model: 'words', dimensions: 64, apiKey };
  const embedder = createOpenAiEmbedder({ ...given, ...more });
  embedders.push(embedder);
  return embedder;
}

function bedrock(deadlinesMs?: DeadlinesMs): Embedder {
  const embedder = createBedrockEmbedder({
    ...{ client: bedrockClient(server), modelId: 'amazon.titan-embed-text-v2:0', dimensions: 256 },
    ...(deadlinesMs !== undefined && { deadlinesMs }),
  });
  embedders.push(embedder);
  return embedder;
}

async function restarted(options: EmbeddingServerOptions): Promise<void> {
  await server.close();
  server = await startEmbeddingServer(options);
}

/** What the log would be given of a call that fails. */
async function failureOf(call: Promise<unknown>): Promise<{ error: unknown; logged: string }> {
  const error: unknown = await call.then(
    () => undefined,
    (reason) => reason,
  );
  return { error, logged: inspect(error, { depth: 10, showHidden: true }) };
}

const isLate = (fault: EmbeddingFault) => fault === 'silent' || fault === 'stalling';
const soon: DeadlinesMs = { query: 80, document: 80 };

/** What makes a call fail on both wires, with a word of what the log says. */
const faults: readonly (readonly [EmbeddingFault, openAi: RegExp, bedrock: RegExp])[] = [
  ['throttled', /answers 429: .*slow down/, /slow down/],
  ['broken', /answers 503: .*the model is loading/, /the model is loading/],
  ['unauthorized', /answers 401\b/, /UnrecognizedClient|401/],
  ['garbage', /SyntaxError/, /SyntaxError/],
  ['other length', /dimensions, not 64/, /255 dimensions, not 256/],
  ['text for a number', /expected number/, /expected number/],
  ['beyond floats', /no number/, /no number/],
  ['zeros', /without a direction/, /without a direction/],
  ['redirect', /answers 307/, /307|UnknownError|redirect/i],
  ['silent', /no answer within 80 ms/, /no answer within 80 ms/],
  ['stalling', /no answer within 80 ms/, /no answer within 80 ms/],
];

describe('an endpoint in the style of OpenAI', () => {
  it('is asked as the API is described', async () => {
    await openAi().embed(['an agent', 'another'], 'document');
    expect(server.requests).toMatchObject([
      {
        path: '/v1/embeddings',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      },
    ]);
    expect(server.requests[0]?.body).toEqual({
      model: 'words',
      input: ['an agent', 'another'],
      encoding_format: 'float',
    });
  });

  it('gets no authorization where there is no key', async () => {
    const keyless = { upstream: upstream(), url: server.openAiUrl, model: 'words', dimensions: 64 };
    await createOpenAiEmbedder(keyless).embed(['an agent'], 'query');
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('is named by host, path, model and length, without the query of its URL, which it keeps', async () => {
    const embedder = openAi({ url: `${server.openAiUrl}/?api-version=2024&code=s3cret#part` });
    const { host } = new URL(server.openAiUrl);
    expect(embedder.model.id).toBe(`openai:${host}/v1:words:64`);
    await embedder.embed(['an agent'], 'query');
    expect(server.requests[0]?.path).toBe('/v1/embeddings?api-version=2024&code=s3cret');
  });

  it('is asked for another length only once it has answered its own', async () => {
    const embedder = openAi({ dimensions: 48 });
    expect((await embedder.embed(['an agent'], 'query'))[0]).toHaveLength(48);
    await embedder.embed(['another'], 'query');
    expect(server.requests.map(({ body }) => body.dimensions)).toEqual([undefined, 48, 48]);
  });

  it('serves where it refuses to be asked for a length but has the right one', async () => {
    await restarted({ dimensionsMember: 'refuses' });
    expect(await openAi().embed(['an agent'], 'query')).toHaveLength(1);
  });

  it.each([
    ['refuses', /400: .*matryoshka/],
    ['ignores', /64 dimensions, not 48/],
  ] as const)('fails where it %s the length that is wanted', async (dimensionsMember, said) => {
    await restarted({ dimensionsMember });
    const { error, logged } = await failureOf(openAi({ dimensions: 48 }).embed(['an agent'], 'query'));
    expect(error).toMatchObject(unavailable('model'));
    expect(logged).toMatch(said);
  });

  it('is asked for fewer texts at once where vectors are long', async () => {
    const texts = Array.from({ length: 20 }, (_, at) => `agent ${at}`);
    await restarted({ dimensions: 4_096 });
    await openAi({ dimensions: 4_096 }).embed(texts, 'document');
    expect(server.requests.map(({ body }) => (body.input as string[]).length).sort()).toEqual([4, 8, 8]);
  });

  it.each([
    ...faults.map(([fault, said]) => [fault, said] as const),
    ['other count', /answers 2 vectors, not 3/],
    ['twice the same index', /no vector of index 1/],
    ['huge', /upstream_response_too_large/],
  ] as const)('that is %s fails the call, says why to the log, and works again', async (fault, said) => {
    const embedder = openAi({ ...(isLate(fault) && { deadlinesMs: soon }) });
    server.fail(fault);
    const { error, logged } = await failureOf(embedder.embed(['one', 'two', 'three'], 'document'));
    expect(error).toMatchObject(unavailable('model'));
    expect(logged).toMatch(said);
    for (let at = 0; at + 4 <= apiKey.length; at++) expect(logged).not.toContain(apiKey.slice(at, at + 4));
    server.fail(fault, 0);
    await expect(openAi().embed(['an agent'], 'query')).resolves.toHaveLength(1);
  });

  it('is not followed elsewhere', async () => {
    server.fail('redirect');
    await failureOf(openAi().embed(['an agent'], 'query'));
    expect(server.requests.map(({ path }) => path)).toEqual(['/v1/embeddings']);
  });

  it('is not called where the rules of the one way out refuse its address', async () => {
    const { error, logged } = await failureOf(
      openAi({ url: 'http://169.254.169.254/latest' }).embed(['an agent'], 'query'),
    );
    expect(error).toMatchObject(unavailable('model'));
    expect(logged).toContain('upstream_address_refused');
  });

  it.each([`${apiKey}\r\nx-evil: 1`, ` ${apiKey}`, `${apiKey}é`, ''])(
    'is not made with a key no header can hold: %j',
    (key) => {
      expect(() => openAi({ apiKey: key })).toThrow(TypeError);
      expect(() => openAi({ apiKey: key })).not.toThrow(new RegExp(apiKey));
    },
  );
});

describe('a model of Bedrock', () => {
  it('is asked as the API is described', async () => {
    await bedrock().embed(['an agent', 'another'], 'document');
    expect(server.requests.map(({ path }) => path)).toEqual([
      '/model/amazon.titan-embed-text-v2%3A0/invoke',
      '/model/amazon.titan-embed-text-v2%3A0/invoke',
    ]);
    expect(server.requests[0]).toMatchObject({
      headers: { 'content-type': 'application/json', authorization: expect.stringContaining('AWS4-HMAC') },
    });
    expect(server.requests[0]?.body).toEqual({ inputText: 'an agent', dimensions: 256, normalize: true });
  });

  it('is named by its id and length', () => {
    expect(bedrock().model).toEqual({ id: 'bedrock:amazon.titan-embed-text-v2:0:256', dimensions: 256 });
  });

  it('is asked again where it throttles', async () => {
    server.fail('throttled', 2);
    expect(await bedrock().embed(['an agent'], 'query')).toHaveLength(1);
    expect(server.requests).toHaveLength(3);
  });

  it.each(faults)(
    'that is %s fails the call, says why to the log, and works again',
    async (fault, _, said) => {
      server.fail(fault);
      const { error, logged } = await failureOf(
        bedrock(isLate(fault) ? soon : undefined).embed(['one'], 'document'),
      );
      expect(error).toMatchObject(unavailable('model'));
      expect(logged).toMatch(said);
      server.fail(fault, 0);
      await expect(bedrock().embed(['an agent'], 'query')).resolves.toHaveLength(1);
    },
  );
});

const wires = {
  Bedrock: bedrock,
  OpenAI: (deadlinesMs?: DeadlinesMs) => openAi({ ...(deadlinesMs !== undefined && { deadlinesMs }) }),
};

describe.each(Object.entries(wires))('calls to %s', (_, open) => {
  it('are eight at once, six of them of documents, so that a query need not wait for these', async () => {
    const embedder = open();
    const release = server.hold();
    const documents = Array.from({ length: 20 }, () => embedder.embed(['a document'], 'document'));
    await server.received(6);
    const queries = Array.from({ length: 4 }, () => embedder.embed(['a query'], 'query'));
    await server.received(8);
    const texts = server.requests.map(({ body }) => String(body.inputText ?? body.input));
    expect(texts).toEqual([...Array<string>(6).fill('a document'), 'a query', 'a query']);
    release();
    await Promise.all([...documents, ...queries]);
    expect(server.requests).toHaveLength(24);
    expect(server.mostUnderWay()).toBe(8);
  });

  it('that wait run out of time as well', async () => {
    server.fail('silent');
    const embedder = open({ query: 80, document: 10_000 });
    const queries = Array.from({ length: 20 }, () => embedder.embed(['a query'], 'query'));
    for (const outcome of await Promise.allSettled(queries)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: unavailable('model') });
    }
  });
});
