/**
 * The one bundle step: each Lambda function in a folder of its own, `dist/lambda/{function}/index.mjs` and beside it what
 * it loads later. The stack, the local AWS and the published package all use these files.
 */
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { cedarLayerName } from './cedar-layer-name.ts';
import { type FunctionName, functionNames } from './function-names.ts';

const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }; // Our own file.
const outFolder = join(root, 'dist/lambda');

/** An alias would hold for the files of the package too, which the stand-in is made of. */
const undiciAgent: Plugin = {
  name: 'undici-agent',
  setup({ onResolve }) {
    onResolve({ filter: /^undici$/ }, () => ({ path: join(root, 'infra/undici-agent.ts') }));
  },
};

rmSync(outFolder, { recursive: true, force: true });
mkdirSync(outFolder, { recursive: true });
// One after another: functions share no files, because each is deployed by itself.
for (const name of functionNames) await bundle(name);
copyCedar();

async function bundle(name: FunctionName): Promise<void> {
  const { metafile } = await build({
    entryPoints: [{ in: join(root, `src/runtimes/lambda/functions/${name}.ts`), out: 'index' }],
    outdir: join(outFolder, name),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    // What is imported later is in files of its own, so that a cold start neither reads nor compiles it.
    splitting: true,
    chunkNames: '[name]-[hash]',
    minify: true,
    // A stack trace in the log with names that say something.
    keepNames: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    // The SDK's modules, not its CommonJS: only those can be shaken.
    mainFields: ['module', 'main'],
    conditions: ['module'],
    define: {
      'process.env.A2A_GATEWAY_VERSION': JSON.stringify(version),
    },
    // A function's credentials come by its environment. The chain of all other sources is a quarter of the bundle.
    alias: { '@aws-sdk/credential-provider-node': join(root, 'infra/environment-credentials.ts') },
    plugins: [undiciAgent],
    // CommonJS packages call `require` for Node's own modules, and there is none in a module.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  for (const [file, { bytes }] of Object.entries(metafile.outputs))
    console.log(`dist/lambda/${name}/${basename(file)}  ${Math.ceil(bytes / 1000)} kB`);
}

/** Cedar with its WebAssembly, as a layer of Lambda holds packages. It is loaded by its name and not bundled. */
function copyCedar(): void {
  const nodejs = dirname(createRequire(import.meta.url).resolve('@cedar-policy/cedar-wasm/nodejs'));
  const layer = join(outFolder, cedarLayerName, 'nodejs/node_modules/@cedar-policy/cedar-wasm');
  cpSync(nodejs, join(layer, 'nodejs'), { recursive: true });
  cpSync(join(nodejs, '../package.json'), join(layer, 'package.json'));
}
