import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * The command that runs a function: our own runtime client, with its types taken off so that a process starts without a
 * compiler; or AWS's own where `A2A_GATEWAY_LAMBDA_RIC` names its `index.mjs`. It runs on this Node, or on that of
 * `A2A_GATEWAY_LAMBDA_NODE`. Handler and folder come by environment.
 *
 * @param folder where the client is put
 */
export async function runtimeCommand(
  folder: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string[]> {
  const node = environment.A2A_GATEWAY_LAMBDA_NODE || process.execPath;
  const ric = environment.A2A_GATEWAY_LAMBDA_RIC;
  // Its older versions take the handler as an argument, its newer ones by environment.
  if (ric !== undefined && ric !== '') return [node, ric, 'index.handler'];
  const outfile = join(folder, 'runtime-client.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'runtime-client.ts')],
    outfile,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
  return [node, outfile];
}
