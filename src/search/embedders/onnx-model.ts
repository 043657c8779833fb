import type { EmbeddingPurpose } from '../embedder.ts';
import { importPackage, type OnnxConfig, type OnnxFolder } from './onnx-folder.ts';

/** A model as it is run: texts to vectors of whatever length the model gives. */
export interface OnnxModel {
  /** @throws Error where the runtime fails or the model is none for texts */
  embed(texts: readonly string[], purpose: EmbeddingPurpose): Promise<Float32Array[]>;
}

/** What is used of `onnxruntime-web`. */
interface Runtime {
  env: { logLevel: string; wasm: { numThreads?: number } };
  InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
  Tensor: new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => Tensor;
}

interface Session {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  run(
    inputs: Readonly<Record<string, Tensor>>,
    outputs: readonly string[],
    options: object,
  ): Promise<Record<string, Tensor>>;
}

interface Tensor {
  readonly data: unknown;
  readonly dims: readonly number[];
  dispose(): void;
}

/** What is used of `@huggingface/tokenizers`. */
interface Tokenizers {
  Tokenizer: new (tokenizer: unknown, config: unknown) => { encode(text: string): { ids: number[] } };
}

export async function openOnnxModel(files: OnnxFolder, folder: string): Promise<OnnxModel> {
  // Both packages are the operator's; what they are not shows in the first run.
  const runtime = (await importPackage('onnxruntime-web', folder)) as Runtime;
  const { Tokenizer } = (await importPackage('@huggingface/tokenizers', folder)) as Tokenizers;
  runtime.env.wasm.numThreads = 1;
  // What it throws it would also write to the console.
  runtime.env.logLevel = 'fatal';
  const session = await runtime.InferenceSession.create(files.model, {
    executionProviders: ['wasm'],
    logSeverityLevel: 4,
  });
  const tokenizer = new Tokenizer(files.tokenizer, files.tokenizerConfig);
  const output = outputOf(session);
  const { config } = files;
  const prefixes = { query: config.queryPrefix, document: config.documentPrefix };

  async function run(rows: Rows): Promise<Float32Array[]> {
    const inputs = inputsOf(rows, session, runtime);
    const answers = await session.run(inputs, [output], { logSeverityLevel: 4 });
    try {
      return vectorsOf(answers[output], rows, config);
    } finally {
      // Each may hold memory of WebAssembly, which no collector sees.
      for (const tensor of [...Object.values(inputs), ...Object.values(answers)]) tensor.dispose();
    }
  }

  return {
    async embed(texts, purpose) {
      const rows = texts.map((text) => tokensOf(tokenizer.encode(prefixes[purpose] + text).ids, config));
      if (session.inputNames.includes('attention_mask')) return run(rows);
      // Such a model would take what fills up the shorter rows for words.
      const vectors: Float32Array[] = [];
      for (const row of rows) vectors.push(...(await run([row])));
      return vectors;
    },
  };
}

/** The tokens of each text. */
type Rows = readonly (readonly number[])[];

/** A ready vector of the whole text before those of its tokens. */
function outputOf({ outputNames }: Session): string {
  const known = ['sentence_embedding', 'last_hidden_state'].find((name) => outputNames.includes(name));
  const output = known ?? outputNames[0];
  if (output === undefined) throw new Error('the model has no output');
  return output;
}

/** At least one and at most as many as the model reads; the last stays, as for many models it ends a text. */
function tokensOf(ids: readonly number[], { maxTokens }: OnnxConfig): number[] {
  // A vocabulary without a token for unknown words leaves holes.
  const known = ids.filter(Number.isInteger);
  if (known.length === 0) return [0];
  return known.length <= maxTokens ? known : [...known.slice(0, maxTokens - 1), ...known.slice(-1)];
}

/** What the inputs of text models are called, with what each holds in the place of a token. */
const knownInputs = new Map<string, (token: number, place: number) => number>([
  ['input_ids', (token) => token],
  ['attention_mask', () => 1],
  ['token_type_ids', () => 0],
  ['position_ids', (_, place) => place],
]);

function inputsOf(rows: Rows, { inputNames }: Session, { Tensor }: Runtime): Record<string, Tensor> {
  const width = Math.max(...rows.map((row) => row.length));
  return Object.fromEntries(
    inputNames.map((name) => {
      const valueAt = knownInputs.get(name);
      if (valueAt === undefined) throw new Error(`the model wants an input ${name}, which is unknown`);
      const data = new BigInt64Array(rows.length * width);
      for (const [at, row] of rows.entries()) {
        for (const [place, token] of row.entries()) data[at * width + place] = BigInt(valueAt(token, place));
      }
      return [name, new Tensor('int64', data, [rows.length, width])];
    }),
  );
}

function vectorsOf(tensor: Tensor | undefined, rows: Rows, { pooling }: OnnxConfig): Float32Array[] {
  const { data, dims = [] } = tensor ?? {};
  const [count, width = 0, perToken] = dims;
  const isFit = count === rows.length && (dims.length === 2 || dims.length === 3);
  if (!isFit) throw new Error(`the model answers ${dims.join(' × ')} values for ${rows.length} texts`);
  if (!(data instanceof Float32Array)) throw new Error('the model answers no 32-bit floats');
  if (perToken === undefined) return rows.map((_, at) => data.slice(at * width, (at + 1) * width));
  return rows.map((row, at) => {
    const tokens = pooling === 'cls' ? 1 : row.length;
    const sum = new Float32Array(perToken);
    for (let place = 0; place < tokens; place++) {
      const from = (at * width + place) * perToken;
      for (let axis = 0; axis < perToken; axis++) sum[axis] = (sum[axis] ?? 0) + (data[from + axis] ?? 0);
    }
    return sum.map((value) => value / tokens);
  });
}
