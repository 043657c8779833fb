import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { aws_lambda as lambda } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { bundlesFolder } from './bundles.ts';
import { cedarLayerName } from './cedar-layer-name.ts';
import type { FunctionName } from './function-names.ts';

/** Where in a layer Lambda looks for packages, and which file is asked for. */
const cedarFile = 'nodejs/node_modules/@cedar-policy/cedar-wasm/nodejs/cedar_wasm.js';

/** The functions that judge permissions, or take them. */
const judging: ReadonlySet<FunctionName> = new Set([
  'authorizer',
  'data-plane',
  'management',
  'push',
  'seed',
]);

/**
 * Cedar as a layer, for those functions of a stack with conditions that need it. It is 4 MB, which no other stack is to load.
 *
 * @throws TypeError where `npm run bundle` has not made it
 */
export function cedarLayersFor(
  scope: Construct,
  { conditions = false, bundlesPath }: { readonly conditions?: boolean; readonly bundlesPath?: string },
): (name: FunctionName) => lambda.ILayerVersion[] {
  if (!conditions) return () => [];
  const folder = join(bundlesPath ?? bundlesFolder, cedarLayerName);
  if (!existsSync(join(folder, cedarFile))) throw new TypeError(`no layer ${folder}: run \`npm run bundle\``);
  const layer = new lambda.LayerVersion(scope, 'Cedar', {
    code: lambda.Code.fromAsset(folder),
    compatibleRuntimes: [lambda.Runtime.NODEJS_24_X],
    description: 'Cedar, for conditions of permissions',
  });
  return (name) => (judging.has(name) ? [layer] : []);
}
