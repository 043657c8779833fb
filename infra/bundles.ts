import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { aws_lambda as lambda } from 'aws-cdk-lib';
import type { FunctionName } from './function-names.ts';

/** From `infra/` as it stands in the repository, from `dist/infra/` as it is published. */
export const bundlesFolder = join(
  import.meta.dirname,
  import.meta.filename.endsWith('.ts') ? '../dist/lambda' : '../lambda',
);

/**
 * The code of a function, made by `npm run bundle`.
 * @throws TypeError where there is none: a stack must not be deployed with half its functions
 */
export function bundleOf(name: FunctionName, folder?: string): lambda.AssetCode {
  return lambda.Code.fromAsset(bundleFolder(name, folder));
}

/** Where that code is. @throws TypeError where there is none */
export function bundleFolder(name: FunctionName, folder = bundlesFolder): string {
  const bundle = join(folder, name);
  if (!existsSync(join(bundle, 'index.mjs')))
    throw new TypeError(`no bundle ${join(bundle, 'index.mjs')}: run \`npm run bundle\``);
  return bundle;
}
