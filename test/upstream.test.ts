import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { upstreamContract } from './contract/upstream.ts';
import { upstreamAddressContract } from './contract/upstream-addresses.ts';
import { upstreamTotalContract } from './contract/upstream-total.ts';
import { http2Upstream, nodeUpstream, upstream } from './support/upstream-servers.ts';

const adapters = {
  undici: { open: upstream, keepsConnections: true },
  'HTTP/2': { open: http2Upstream, keepsConnections: true, http2: true },
  "Node's own client": { open: nodeUpstream, keepsConnections: false },
};

for (const [name, options] of Object.entries(adapters)) {
  upstreamContract(name, options);
  upstreamAddressContract(name, options);
  upstreamTotalContract(name, options);
}

it("Node's own client brings nothing of undici into a bundle", async () => {
  const { metafile } = await build({
    entryPoints: [join(import.meta.dirname, '../src/upstream/node-upstream.ts')],
    ...{ bundle: true, write: false, metafile: true, platform: 'node', format: 'esm' },
  });
  const files = Object.keys(metafile.inputs);
  expect(files.filter((file) => file.includes('undici'))).toEqual([]);
  expect(files.filter((file) => file.endsWith('node-upstream.ts'))).toHaveLength(1);
});
