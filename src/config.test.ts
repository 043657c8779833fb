import { describe, expect, it } from 'vitest';
import { ConfigError, parseSettings, type Settings } from './config.ts';
import { settingRows } from './config-environment.ts';
import { settingsSchema } from './config-schema.ts';

const issuer = { issuer: 'https://login.example', audiences: ['https://agents.example'] };
const least = { publicUrl: 'https://agents.example', issuers: [issuer] };

/** The problems of settings that must have some, each up to its first colon's end: what is wrong with which. */
function problemsOf(file: unknown, environment: Record<string, string> = {}): string[] {
  try {
    parseSettings(file, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.flatMap((problem) => problem.split('\n'));
    throw error;
  }
  throw new Error('the settings were taken');
}

/** Which settings are named, in the order they are. */
function namedIn(problems: readonly string[]): string[] {
  return problems.map((problem) => /^(?:unknown setting: |setting )([\w.]+)/.exec(problem)?.[1] ?? problem);
}

describe('the settings', () => {
  it('need nothing but a public URL and an issuer with an audience', () => {
    expect(parseSettings(least, {})).toMatchObject({
      agentsPath: '/agents',
      listen: { host: '127.0.0.1', port: 8080 },
      dataDir: './.data',
      limits: { maxBodyBytes: 10_485_760, maxEventBytes: 4_194_304, maxCardBytes: 1_048_576 },
      deadlines: { connectTimeoutMs: 5_000 },
      upstream: { allowHttp: false, allowHosts: [], denyHosts: [], allowAddresses: [] },
      log: { level: 'info' },
      issuers: [{ algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'], scopePrefix: '', clockSkewSeconds: 30 }],
    });
  });

  it.each([undefined, null])('are refused when there are none at all: %s', (file) => {
    expect(namedIn(problemsOf(file))).toEqual(['publicUrl', 'issuers']);
  });

  it.each([[[]], ['text'], [7]])('are refused when the file holds %j', (file) => {
    expect(namedIn(problemsOf(file))).toEqual(['file']);
    expect(namedIn(problemsOf(file, { PORT: '8080' }))).toEqual(['file']);
  });

  it('name every problem, one each', () => {
    const file = { ...least, agentspath: '/a', listen: { port: 70_000 }, limits: { maxBodyBytes: 'much' } };
    const environment = { A2A_GATEWAY_LOG_LEVEL: 'loud', A2A_GATEWAY_NONSENSE: '1' };
    const named = namedIn(problemsOf(file, environment)).sort();
    expect(named).toEqual(
      ['A2A_GATEWAY_NONSENSE', 'agentspath', 'limits.maxBodyBytes', 'listen.port', 'log.level'].sort(),
    );
  });

  it('name an unknown setting at every depth', () => {
    const file = { ...least, issuers: [{ ...issuer, audience: 'a' }], upstream: { allowHTTP: true } };
    expect(namedIn(problemsOf(file)).sort()).toEqual(['issuers.0.audience', 'upstream.allowHTTP']);
  });

  it.each<[what: string, named: string, file: Record<string, unknown>]>([
    [
      'an issuer of which any token would do',
      'issuers.0',
      { issuers: [{ issuer: 'https://login.example' }] },
    ],
    [
      'a shared-secret algorithm',
      'issuers.0.algorithms.0',
      { issuers: [{ ...issuer, algorithms: ['HS256'] }] },
    ],
    ['no signature at all', 'issuers.0.algorithms.0', { issuers: [{ ...issuer, algorithms: ['none'] }] }],
    ['no algorithm', 'issuers.0.algorithms', { issuers: [{ ...issuer, algorithms: [] }] }],
    ['no issuer', 'issuers', { issuers: [] }],
    ['one issuer twice', 'issuers', { issuers: [issuer, { ...issuer, audiences: ['another'] }] }],
    [
      'one alias twice',
      'issuers',
      {
        issuers: [
          { ...issuer, alias: 'a' },
          { ...issuer, issuer: 'https://b.example', alias: 'a' },
        ],
      },
    ],
    [
      'groups that no permission can name',
      'issuers',
      { issuers: [issuer, { ...issuer, issuer: 'https://b.example', groupsClaim: 'groups' }] },
    ],
    ['an alias with a colon', 'issuers.0.alias', { issuers: [{ ...issuer, alias: 'a:b' }] }],
    ['no claim for scopes', 'issuers.0.scopeClaims', { issuers: [{ ...issuer, scopeClaims: [] }] }],
    ['a claim of no name', 'issuers.0.clientClaim', { issuers: [{ ...issuer, clientClaim: '' }] }],
    ['a pointer that is none', 'issuers.0.groupsClaim', { issuers: [{ ...issuer, groupsClaim: '/a~2' }] }],
    ['tokens in the clear', 'publicUrl', { publicUrl: 'http://agents.example' }],
    [
      'a public URL that only begins like this machine',
      'publicUrl',
      { publicUrl: 'http://127.0.0.1.example' },
    ],
    ['a public URL that is none', 'publicUrl', { publicUrl: 'agents.example' }],
    ['an agents path without a slash', 'agentsPath', { agentsPath: 'agents' }],
    ['an agents path that is the root', 'agentsPath', { agentsPath: '/' }],
    ["an agents path among the gateway's own", 'agentsPath', { agentsPath: '/admin/agents' }],
    ['a limit of nothing', 'limits.maxCardBytes', { limits: { maxCardBytes: 0 } }],
    [
      'a stream held for longer than what is recorded of it',
      'streams.resumeWindowMs',
      { streams: { resumeWindowMs: 2_000, replay: { retentionMs: 1_000 } } },
    ],
    ['a deadline of nothing', 'deadlines.idleTimeoutMs', { deadlines: { idleTimeoutMs: 0 } }],
    ['probes without a pause', 'health.probeIntervalMs', { health: { probeIntervalMs: 999 } }],
    ['a group that is none', 'listen', { listen: 8080 }],
    ['an origin with a path', 'cors.allowOrigins.0', { cors: { allowOrigins: ['https://a.example/'] } }],
    ['a proxy of another kind', 'upstream.proxy.url', { upstream: { proxy: { url: 'socks5://proxy' } } }],
    [
      'hosts that bypass no proxy',
      'upstream.proxy.url',
      { upstream: { proxy: { bypassHosts: ['a.example'] } } },
    ],
    ['DynamoDB without a table', 'dynamodb.tableName', { store: 'dynamodb' }],
    [
      'cards larger than a transaction of DynamoDB',
      'limits.maxCardBytes',
      { store: 'dynamodb', dynamodb: { tableName: 'registry' }, limits: { maxCardBytes: 3 * 2 ** 20 } },
    ],
    [
      'a prefix of secrets that runs into the name',
      'secretsManager.prefix',
      { secretsManager: { prefix: 'prod' } },
    ],
  ])('refuse %s', (_, named, file) => {
    expect(namedIn(problemsOf({ ...least, ...file }))).toEqual([named]);
    expect(namedIn(problemsOf({ ...least, ...file }, { A2A_GATEWAY_LISTEN_HOST: '::1' }))).toEqual([named]);
  });

  it.each<[what: string, named: string, grpc: Record<string, unknown>]>([
    ['a public authority', 'grpc.publicAuthority', { publicAuthority: undefined }],
    ['a public authority with a port', 'grpc.publicAuthority', { publicAuthority: 'grpc.example' }],
    [
      'a public authority without a scheme',
      'grpc.publicAuthority',
      { publicAuthority: 'https://a.example:443' },
    ],
    [
      'a name for agents to stand before',
      'grpc.agentAuthorities',
      { agentAuthorities: true, publicAuthority: '10.0.0.1:443' },
    ],
    ['TLS beyond loopback', 'grpc.tls', { listen: { host: '0.0.0.0' } }],
    ['a certificate with its key', 'grpc.tls', { tls: { privateKeyFile: 'key.pem' } }],
    [
      'one word on TLS, not two',
      'grpc.plaintext',
      { plaintext: true, tls: { certificateFile: 'c.pem', privateKeyFile: 'key.pem' } },
    ],
    ['a port of its own', 'grpc.listen.port', { listen: { port: 8080 } }],
  ])('want %s for gRPC', (_, named, grpc) => {
    const enabled = { enabled: true, publicAuthority: 'grpc.example:443', ...grpc };
    expect(namedIn(problemsOf({ ...least, grpc: enabled }))).toEqual([named]);
  });

  it('take gRPC without TLS beyond loopback where that is said', () => {
    const grpc = { enabled: true, publicAuthority: 'g.example:443', plaintext: true, listen: { host: '::' } };
    expect(parseSettings({ ...least, grpc }, {}).grpc.plaintext).toBe(true);
  });

  it.each(['http://127.0.0.1:8080', 'http://localhost', 'http://[::1]:1', 'https://agents.example/gw'])(
    'take %s for a public URL',
    (publicUrl) => {
      expect(parseSettings({ ...least, publicUrl }, {}).publicUrl).toBe(publicUrl);
    },
  );

  it('leave the file as it was', () => {
    const file = Object.freeze({ ...least, listen: Object.freeze({ port: 1 }) });
    expect(parseSettings(file, { PORT: '2' }).listen.port).toBe(2);
    expect(file.listen.port).toBe(1);
  });
});

describe('the environment', () => {
  it.each<[variable: string, text: string, read: (settings: Settings) => unknown, value: unknown]>([
    ['A2A_GATEWAY_PUBLIC_URL', 'https://other.example', (s) => s.publicUrl, 'https://other.example'],
    ['A2A_GATEWAY_LISTEN_PORT', '9090', (s) => s.listen.port, 9_090],
    ['A2A_GATEWAY_SEARCH_BEDROCK_DIMENSIONS', '1024', (s) => s.search.bedrock.dimensions, 1_024],
    ['PORT', '9091', (s) => s.listen.port, 9_091],
    ['A2A_GATEWAY_UPSTREAM_ALLOW_HTTP', 'true', (s) => s.upstream.allowHttp, true],
    [
      'A2A_GATEWAY_UPSTREAM_ALLOW_HOSTS',
      'a.example, b.example',
      (s) => s.upstream.allowHosts,
      ['a.example', 'b.example'],
    ],
    ['A2A_GATEWAY_UPSTREAM_ALLOW_PORTS', '443, 8443', (s) => s.upstream.allowPorts, [443, 8_443]],
    ['A2A_GATEWAY_UPSTREAM_DENY_HOSTS', '["c.example"]', (s) => s.upstream.denyHosts, ['c.example']],
    ['A2A_GATEWAY_LIMITS_MAX_BODY_BYTES', '4096', (s) => s.limits.maxBodyBytes, 4_096],
    ['A2A_GATEWAY_ISSUERS', JSON.stringify([issuer]), (s) => s.issuers.length, 1],
    ['A2A_GATEWAY_SECRET_KEY', 'k', (s) => s.secretKey, 'k'],
  ])('%s=%s wins over the file', (variable, text, read, value) => {
    const file = { ...least, listen: { port: 1 }, limits: { maxBodyBytes: 2_048 } };
    expect(read(parseSettings(file, { [variable]: text }))).toEqual(value);
  });

  it('alone is enough', () => {
    const environment = {
      A2A_GATEWAY_PUBLIC_URL: 'https://agents.example',
      A2A_GATEWAY_ISSUERS: JSON.stringify([issuer]),
    };
    expect(parseSettings(undefined, environment)).toEqual(parseSettings(least, {}));
  });

  it('says by its own name which port it means, where PORT says another', () => {
    const both = { PORT: '1', A2A_GATEWAY_LISTEN_PORT: '2' };
    expect(parseSettings(least, both).listen.port).toBe(2);
  });

  it.each([
    ['PORT', 'eighty', 'listen.port'],
    ['PORT', '', 'listen.port'],
    ['A2A_GATEWAY_UPSTREAM_ALLOW_HTTP', 'yes', 'upstream.allowHttp'],
    ['A2A_GATEWAY_UPSTREAM_ALLOW_PORTS', 'https', 'upstream.allowPorts.0'],
    ['A2A_GATEWAY_ISSUERS', '[{', 'issuers'],
    ['A2A_GATEWAY_LOG_LEVEL', 'loud', 'log.level'],
    ['A2A_GATEWAY_LIMITS', '{}', 'A2A_GATEWAY_LIMITS'],
    ['A2A_GATEWAY_', 'x', 'A2A_GATEWAY_'],
  ])('%s=%s is refused by name', (variable, text, named) => {
    expect(namedIn(problemsOf(least, { [variable]: text }))).toEqual([named]);
  });

  it("is nobody's business beside the gateway's own variables", () => {
    expect(parseSettings(least, { PATH: '/bin', A2A_OTHER: 'x' })).toEqual(parseSettings(least, {}));
  });
});

describe('the rows of the settings', () => {
  const rows = settingRows(settingsSchema);

  it('each have a variable of their own and a description', () => {
    expect(new Set(rows.map(({ variable }) => variable)).size).toBe(rows.length);
    for (const { variable, schema } of rows) {
      expect(variable).toMatch(/^A2A_GATEWAY_[A-Z][A-Z0-9_]*$/);
      expect(schema.description, variable).toBeTruthy();
    }
  });

  it('are required where there is no default', () => {
    expect(rows.filter(({ required }) => required).map(({ path }) => path.join('.'))).toEqual([
      'publicUrl',
      'issuers',
    ]);
  });
});
