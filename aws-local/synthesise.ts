import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { A2AGateway, type A2AGatewayProps, type Issuer } from '../infra/index.ts';
import { type CloudAssembly, readCloudAssembly } from './cloud-assembly.ts';
import { accountId, region } from './local-values.ts';

export interface SynthesisOptions
  extends Pick<A2AGatewayProps, 'authorizerResultsCacheTtl' | 'bundlesPath' | 'conditions'> {
  /** Where callers reach the gateway. */
  origin: string;
  /** Where the cloud assembly is put. */
  folder: string;
  /** Trusted beside the development issuer. */
  issuers?: readonly Issuer[];
  /** Beside those that let agents be on loopback. */
  settings?: Readonly<Record<string, string>>;
}

/**
 * Synthesises the product's own construct for this machine: its public address and issuer are on loopback, and agents
 * there may be called without TLS. Everything else is the construct's default.
 */
export function synthesise({
  origin,
  folder,
  issuers = [],
  settings,
  ...props
}: SynthesisOptions): CloudAssembly {
  const outdir = join(folder, 'cdk.out');
  const app = new App({
    outdir,
    analyticsReporting: false,
    treeMetadata: false,
    // The rules of the CDK are for stacks that are deployed, and take longer than all else.
    builtinCloudFormationValidation: false,
    // Assets are run from where the bundle step left them.
    context: { 'aws:cdk:disable-asset-staging': true },
  });
  const stack = new Stack(app, 'Local', { env: { account: accountId, region } });
  new A2AGateway(stack, 'Gateway', {
    ...props,
    publicUrl: origin,
    issuers: [{ issuer: `${origin}/dev/issuer`, audiences: [origin] }, ...issuers],
    settings: {
      A2A_GATEWAY_UPSTREAM_ALLOW_HTTP: 'true',
      A2A_GATEWAY_UPSTREAM_ALLOW_ADDRESSES: '127.0.0.0/8',
      A2A_GATEWAY_PUSH_UPSTREAM_ALLOW_HTTP: 'true',
      A2A_GATEWAY_PUSH_UPSTREAM_ALLOW_ADDRESSES: '127.0.0.0/8',
      ...settings,
    },
  });
  app.synth();
  return readCloudAssembly(outdir);
}
