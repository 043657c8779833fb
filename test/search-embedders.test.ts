import { afterAll, beforeAll } from 'vitest';
import { createBedrockEmbedder } from '../src/search/embedders/bedrock.ts';
import { createOpenAiEmbedder } from '../src/search/embedders/openai.ts';
import { createUseLiteEmbedder } from '../src/search/embedders/use-lite.ts';
import { createUpstream } from '../src/upstream/undici-upstream.ts';
import { embedderContract } from './contract/embedder.ts';
import { bedrockClient, type EmbeddingServer, startEmbeddingServer } from './support/embedding-server.ts';

let server: EmbeddingServer;
const upstream = createUpstream({ rules: { allowHttp: true, allowAddresses: ['127.0.0.0/8'] } });
beforeAll(async () => {
  server = await startEmbeddingServer();
});
afterAll(async () => {
  await upstream.close();
  await server.close();
});

embedderContract('Universal Sentence Encoder Lite', {
  open: async () => createUseLiteEmbedder(),
  triple: [
    'pay back what staff spent on trips',
    'Travel expense reimbursement',
    'Forecasts the eruption of volcanoes',
  ],
});

embedderContract('Bedrock', {
  open: async () =>
    createBedrockEmbedder({
      client: bedrockClient(server),
      modelId: 'amazon.titan-embed-text-v2:0',
      dimensions: 256,
    }),
});

embedderContract('OpenAI, the length of its own', {
  open: async () =>
    createOpenAiEmbedder({ upstream, url: server.openAiUrl, model: 'words', dimensions: 64, apiKey: 'k3y' }),
});

embedderContract('OpenAI, shortened', {
  open: async () =>
    createOpenAiEmbedder({ upstream, url: `${server.openAiUrl}/`, model: 'words', dimensions: 48 }),
});
