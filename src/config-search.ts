import * as z from 'zod';
import { httpUrl } from './config-url.ts';

/** Settings of the search for agents. */

const members = z.strictObject({
  enabled: z.boolean().default(true).describe('Whether agents can be searched for.'),
  embedder: z
    .enum(['use-lite', 'bedrock', 'openai', 'onnx'])
    .optional()
    .describe(
      'The model that turns texts into vectors. Absent: `use-lite`, which comes along and needs no network, or `bedrock` where `store` is `dynamodb`.',
    ),
  bedrock: z
    .strictObject({
      modelId: z
        .string()
        .min(1)
        .max(2_048)
        .default('amazon.titan-embed-text-v2:0')
        .describe('Model of Amazon Bedrock that takes `inputText`, `dimensions` and `normalize`.'),
      dimensions: z.literal([256, 512, 1024]).default(512).describe('Length of its vectors.'),
    })
    .prefault({}),
  openai: z
    .strictObject({
      url: httpUrl
        .optional()
        .describe('Base URL of an endpoint in the style of OpenAI, such as `https://api.openai.com/v1`.'),
      model: z.string().min(1).max(256).optional().describe('Its model, such as `text-embedding-3-small`.'),
      dimensions: z.int().min(8).max(4_096).optional().describe('Length of its vectors.'),
      apiKey: z.string().min(1).max(4_096).optional().describe('Sent as a bearer token. Absent: none.'),
    })
    .prefault({}),
  onnx: z
    .strictObject({
      folder: z
        .string()
        .min(1)
        .optional()
        .describe(
          'Folder with `model.onnx` and `tokenizer.json`. Needs the packages `docs/search.md` names.',
        ),
    })
    .prefault({}),
  s3Vectors: z
    .strictObject({
      vectorBucketName: z
        .string()
        .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
        .optional()
        .describe('Where vectors are if `store` is `dynamodb`. Absent: there is no search.'),
    })
    .prefault({}),
});

export const searchSchema = members
  .refine(({ embedder, onnx }) => embedder !== 'onnx' || onnx.folder !== undefined, {
    path: ['onnx', 'folder'],
    error: 'needed where search.embedder is onnx',
  })
  .refine(({ embedder, openai }) => embedder !== 'openai' || isComplete(openai), {
    path: ['openai'],
    error: 'needs url, model and dimensions where search.embedder is openai',
  });

function isComplete({ url, model, dimensions }: z.output<typeof members>['openai']): boolean {
  return url !== undefined && model !== undefined && dimensions !== undefined;
}
