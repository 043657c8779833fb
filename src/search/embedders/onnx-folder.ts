import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as z from 'zod';

/** What `embedder.json` may say beside the model; the defaults suit most sentence transformers. */
const configSchema = z.strictObject({
  /** How a text's vector is made of its tokens': their mean, or the first one's. */
  pooling: z.enum(['mean', 'cls']).default('mean'),
  /** Put before every query, such as `query: ` for e5. */
  queryPrefix: z.string().max(200).default(''),
  documentPrefix: z.string().max(200).default(''),
  /** Tokens the model reads of a text; later ones are left out. */
  maxTokens: z.int().min(8).max(8_192).default(512),
});

export type OnnxConfig = z.output<typeof configSchema>;

export interface OnnxFolder {
  model: Uint8Array;
  tokenizer: unknown;
  tokenizerConfig: unknown;
  config: OnnxConfig;
  /** Of every file above, as hex: two folders of one digest give the same vectors. */
  digest: string;
}

const mebibyte = 1024 * 1024;
/** What WebAssembly can hold beside what it computes. */
const maxModelBytes = 2_048 * mebibyte;
const maxTokenizerBytes = 64 * mebibyte;
const maxConfigBytes = mebibyte;

/** @throws Error naming the file that is missing, too large or cannot be read */
export async function readOnnxFolder(folder: string): Promise<OnnxFolder> {
  const model = await readBounded(folder, 'model.onnx', maxModelBytes);
  const tokenizer = await readBounded(folder, 'tokenizer.json', maxTokenizerBytes);
  const tokenizerConfig = await readBounded(folder, 'tokenizer_config.json', maxConfigBytes, '{}');
  const config = await readBounded(folder, 'embedder.json', maxConfigBytes, '{}');
  const digest = createHash('sha256');
  // The length first, so that no byte can pass from one file to the next unseen.
  for (const bytes of [model, tokenizer, tokenizerConfig, config])
    digest.update(`${bytes.length}\n`).update(bytes);
  return {
    model,
    tokenizer: parsed('tokenizer.json', tokenizer),
    tokenizerConfig: parsed('tokenizer_config.json', tokenizerConfig),
    config: checked(parsed('embedder.json', config)),
    digest: digest.digest('hex'),
  };
}

async function readBounded(
  folder: string,
  name: string,
  maxBytes: number,
  ifAbsent?: string,
): Promise<Uint8Array> {
  const path = join(folder, name);
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT' && ifAbsent !== undefined) return undefined;
    throw new Error(`cannot read ${name}: ${cause.code}`, { cause });
  });
  if (found === undefined) return Buffer.from(ifAbsent ?? '');
  if (!found.isFile()) throw new Error(`${name} is no file`);
  if (found.size > maxBytes) throw new Error(`${name} is larger than ${maxBytes} bytes`);
  return readFile(path);
}

function parsed(name: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new Error(`${name} is not JSON`, { cause });
  }
}

function checked(config: unknown): OnnxConfig {
  const result = configSchema.safeParse(config);
  if (!result.success) throw new Error(`embedder.json: ${z.prettifyError(result.error)}`);
  return result.data;
}

/** What runs a model; installed by whoever brings one, as it weighs more than the gateway. */
const packages = ['onnxruntime-web', '@huggingface/tokenizers'] as const;

/**
 * A package from beside the gateway, else from the folder of the model.
 * @throws Error naming what to install
 */
export async function importPackage(name: (typeof packages)[number], folder: string): Promise<unknown> {
  try {
    // By a variable, so that neither the compiler nor a bundler looks for it.
    return await import(name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  try {
    return createRequire(join(folder, 'package.json'))(name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new Error(`the package ${name} is missing: npm install ${packages.join(' ')}`);
  }
}

function isNotFound(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException; // Whatever was thrown; what has no code is not it.
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}
