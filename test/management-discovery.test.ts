import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../src/http/routes.ts';
import { cites } from './support/cites.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { callerWith, refusalOf } from './support/management.ts';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ registration: null });
  for (const agentId of ['billing', 'hr-leave', 'hr-pay', 'legal'])
    await register(gateway, { agentId, tags: agentId.startsWith('hr-') ? ['people'] : ['money'] });
  await register(gateway, { agentId: 'hr-old', tags: ['people'] });
  await gateway.admin('PATCH', '/admin/agents/hr-old/status', { status: 'inactive' });
  await permit(gateway, 'demo', { allowedAgents: ['hr-*', 'billing'] });
});

afterAll(() => gateway.close());

interface Listing {
  agents: { agentId: string; agentCard: Record<string, unknown> }[];
  nextPageToken: string;
  totalSize: number;
}

function idsOf({ agents }: Listing): string[] {
  return agents.map(({ agentId }) => agentId);
}

async function list(query = ''): Promise<Listing> {
  return (await gateway.fetch(`/agents${query}`)).json();
}

describe('the agents a caller finds', () => {
  it('are the active ones it may call, each with its published card', async () => {
    const listing = await list();
    expect(idsOf(listing)).toEqual(['billing', 'hr-leave', 'hr-pay']);
    expect(listing).toMatchObject({ nextPageToken: '', totalSize: 3 });
    for (const { agentId, agentCard } of listing.agents) {
      const published = await gateway.fetch(`/agents/${agentId}/.well-known/agent-card.json`);
      const { signatures: _, ...unsigned } = await published.json();
      expect(agentCard).toEqual(unsigned);
    }
  });

  it('are none for who may call none, and need a token', async () => {
    const carol = await callerWith(gateway, { scope: '' });
    expect(await (await carol('GET', '/agents')).json()).toEqual({
      agents: [],
      nextPageToken: '',
      totalSize: 0,
    });
    await permit(gateway, 'idle', { allowedAgents: ['*'], operations: [] });
    const idle = await callerWith(gateway, { scope: 'idle' });
    expect(await (await idle('GET', '/agents')).json()).toMatchObject({ agents: [] });
    expect((await fetch(`${gateway.url}/agents`)).status).toBe(401);
  });

  it('joined from pages are the whole, and each is counted that may be called', async () => {
    const joined: string[] = [];
    let pageToken = '';
    do {
      const page = await list(`?pageSize=1&pageToken=${pageToken}`);
      expect(page.totalSize).toBe(3);
      joined.push(...idsOf(page));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(joined).toEqual(idsOf(await list()));
  });

  it("stay its own with another caller's page token", async () => {
    const everything = await callerWith(gateway, { scope: 'everything' });
    await permit(gateway, 'everything', { allowedAgents: ['*'] });
    const { nextPageToken } = await (await everything('GET', '/agents?pageSize=3')).json();
    expect(idsOf(await list(`?pageToken=${nextPageToken}`))).toEqual([]);
  });

  it('can be narrowed by tag', async () => {
    expect(idsOf(await list('?tag=people'))).toEqual(['hr-leave', 'hr-pay']);
    expect(await list('?tag=people&pageSize=1')).toMatchObject({ totalSize: 2 });
    expect(idsOf(await list('?tag=nobody'))).toEqual([]);
  });

  it.each(['pageSize=0', 'pageSize=x', 'pageToken=%7F'])('are refused for %s', async (query) => {
    expect((await refusalOf(gateway.fetch(`/agents?${query}`))).status).toBe(400);
  });

  it('change at once with a permission and a status', async () => {
    const caller = await callerWith(gateway, { scope: 'changing' });
    const found = async () => idsOf(await (await caller('GET', '/agents')).json());
    await permit(gateway, 'changing', { allowedAgents: ['legal', 'billing'] });
    expect(await found()).toEqual(['billing', 'legal']);
    await permit(gateway, 'changing', { allowedAgents: ['legal'] });
    expect(await found()).toEqual(['legal']);
    await gateway.admin('PATCH', '/admin/agents/legal/status', { status: 'quarantined' });
    expect(await found()).toEqual([]);
  });
});

describe('what anyone may read', () => {
  const read = (path: string) => fetch(gateway.url + path);

  it('is whether the gateway is up and ready', async () => {
    for (const path of ['/health', '/ready']) {
      const response = await read(path);
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(await response.json()).toEqual({
        status: 'up',
        version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      });
    }
  });

  it('is the protected resource metadata, the same for an agent that is not there', async () => {
    cites('RFC-9728-3-resource');
    const root = await (await read('/.well-known/oauth-protected-resource')).json();
    expect(root).toEqual({
      resource: 'http://127.0.0.1:1',
      resource_name: 'A2A gateway',
      authorization_servers: [gateway.issuer.issuer],
      bearer_methods_supported: ['header'],
      jwks_uri: 'http://127.0.0.1:1/.well-known/jwks.json',
    });
    expect(await (await read('/.well-known/jwks.json')).json()).toMatchObject({ keys: expect.any(Array) });
    for (const agentId of ['billing', 'never-was']) {
      const one = await (await read(`/.well-known/oauth-protected-resource/agents/${agentId}`)).json();
      expect(one).toEqual({ ...root, resource: `http://127.0.0.1:1/agents/${agentId}` });
    }
  });

  it('is where the challenge of a refused call points', async () => {
    const refused = await read('/agents/billing/.well-known/agent-card.json');
    const challenge = refused.headers.get('www-authenticate') ?? '';
    const [, url = ''] = /resource_metadata="([^"]+)"/.exec(challenge) ?? [];
    const metadata = await (await read(new URL(url).pathname)).json();
    expect(metadata).toMatchObject({ resource: 'http://127.0.0.1:1/agents/billing' });
  });
});

interface OpenApi {
  openapi: string;
  info: { title: string; version: string };
  servers: { url: string }[];
  paths: Record<string, Record<string, OpenApiOperation>>;
  components: { securitySchemes: Record<string, unknown>; schemas: Record<string, unknown> };
}

interface OpenApiOperation {
  summary: string;
  parameters?: { name: string; in: string; required?: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: object }> };
  responses: Record<string, { description: string }>;
  security: Record<string, string[]>[];
}

describe('the OpenAPI document', () => {
  async function read(of: TestGateway = gateway): Promise<OpenApi> {
    return (await fetch(`${of.url}/openapi.json`)).json();
  }

  it('has every route of the table that is not a binding of A2A', async () => {
    const { paths } = await read();
    for (const { method, path } of routes) {
      if (method === 'ALL' || path.endsWith('/')) continue;
      expect(Object.keys(paths[path] ?? {}), path).toContain(method.toLowerCase());
    }
  });

  it('has the shape of OpenAPI 3.1', async () => {
    const document = await read();
    expect(document).toMatchObject({
      openapi: expect.stringMatching(/^3\.1\.\d+$/),
      info: { title: expect.any(String), version: expect.any(String) },
      servers: [{ url: 'http://127.0.0.1:1' }],
    });
    for (const [path, operations] of Object.entries(document.paths)) {
      expect(path).toMatch(/^\//);
      for (const operation of Object.values(operations)) expectOperation(path, operation, document);
    }
  });

  it('has the bodies that are taken, closed to unknown members', async () => {
    const { paths } = await read();
    expect(paths['/admin/agents']?.post?.requestBody?.content['application/json']?.schema).toMatchObject({
      type: 'object',
      required: ['agentId'],
      additionalProperties: false,
    });
  });

  it('refers only to what it holds', async () => {
    const document = await read();
    const pointers = [...JSON.stringify(document).matchAll(/"\$ref":"#([^"]+)"/g)].map(([, to = '']) => to);
    expect(pointers.length).toBeGreaterThan(0);
    for (const pointer of new Set(pointers)) {
      const names = pointer.split('/').slice(1);
      const found = names.reduce<unknown>((at, name) => Reflect.get(Object(at), name), document);
      expect(found, pointer).toBeDefined();
    }
  });

  it('has the paths where agents really are', async () => {
    const elsewhere = await startGateway({ registration: null, settings: { agentsPath: '/v2/bots' } });
    try {
      const { paths } = await read(elsewhere);
      const ofAgents = Object.keys(paths).filter((path) => /agents|bots/.test(path));
      expect(ofAgents).toContain('/v2/bots/{agentId}');
      expect(ofAgents).toContain('/.well-known/oauth-protected-resource/v2/bots/{agentId}');
      expect(ofAgents).toContain('/admin/agents/{agentId}');
      expect(ofAgents.filter((path) => path.startsWith('/agents'))).toEqual([]);
    } finally {
      await elsewhere.close();
    }
  });
});

describe('a gateway below a path', () => {
  it('points to metadata below that path, where it serves them', async () => {
    const publicUrl = 'http://127.0.0.1:1/base';
    const below = await startGateway({ registration: null, settings: { publicUrl } });
    try {
      const refused = await fetch(`${below.url}/agents/billing`, { method: 'POST' });
      const metadata = `${publicUrl}/.well-known/oauth-protected-resource/agents/billing`;
      expect(refused.headers.get('www-authenticate')).toBe(`Bearer resource_metadata="${metadata}"`);
      const served = await fetch(below.url + new URL(metadata).pathname.replace('/base', ''));
      expect(await served.json()).toMatchObject({ resource: `${publicUrl}/agents/billing` });
    } finally {
      await below.close();
    }
  });
});

function expectOperation(path: string, operation: OpenApiOperation, document: OpenApi): void {
  const { summary, parameters = [], responses, security } = operation;
  expect(summary.length, path).toBeGreaterThan(0);
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  const inPath = parameters.filter((parameter) => parameter.in === 'path');
  expect(inPath.map(({ name }) => name)).toEqual(named);
  for (const { required } of inPath) expect(required, path).toBe(true);
  for (const parameter of parameters) expect(parameter.schema, path).toBeTypeOf('object');
  expect(Object.keys(responses).length, path).toBeGreaterThan(1);
  for (const [status, { description }] of Object.entries(responses)) {
    expect(status).toMatch(/^(?:[1-5]\d\d|default)$/);
    expect(description.length).toBeGreaterThan(0);
  }
  for (const name of security.flatMap((requirement) => Object.keys(requirement)))
    expect(document.components.securitySchemes).toHaveProperty(name);
}
