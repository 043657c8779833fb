import { afterEach, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import type { GivenAuth } from '../src/backends/auth-config.ts';
import { credentialKind } from '../src/backends/credential.ts';
import { headerSecret } from '../src/backends/header.ts';
import { companionKinds, credentialKinds, targetKinds } from '../src/backends/kinds.ts';
import { bodyInOpenApi, credentialKindContract, shapeOf, targetKindContract } from './contract/kinds.ts';
import { startGateway } from './support/gateway.ts';
import { kindsMarkdown } from './support/kinds-markdown.ts';

/** What holds for every kind there is, and for one that is added. */

// An example is `authConfig` of a registration.
for (const kind of credentialKinds) credentialKindContract(kind, kind.example as GivenAuth);
for (const [member, kind] of Object.entries(companionKinds)) {
  const { type: _, ...example } = kind.example;
  credentialKindContract({ ...kind, example }, { type: 'none', [member]: example }, `${member}.`);
}
for (const kind of targetKinds) targetKindContract(kind);

describe('the list of kinds', () => {
  it('has each type once', () => {
    const types = [credentialKinds, targetKinds].map((kinds) => kinds.map(({ type }) => type));
    for (const of of types) expect(new Set(of).size).toBe(of.length);
  });

  it('has every companion among the kinds that may be chosen alone', () => {
    const types: readonly string[] = credentialKinds.map(({ type }) => type);
    for (const { type } of Object.values(companionKinds)) expect(types).toContain(type);
  });

  it('is what the running gateway documents', async () => {
    const gateway = await startGateway({ registration: null });
    const document = await (await fetch(`${gateway.url}/openapi.json`)).json();
    await gateway.close();
    const { schema } = document.paths['/admin/agents'].post.requestBody.content['application/json'];
    for (const { type } of credentialKinds) expect(shapeOf(schema, 'authConfig', type)).toBeDefined();
    for (const { type } of targetKinds) expect(shapeOf(schema, 'backend', type)).toBeDefined();
  });
});

const added = credentialKind({
  type: 'added',
  summary: 'A kind that a test has added.',
  example: { type: 'added', word: 'open', sesame: 's3cret' },
  members: { word: z.string().describe('What is said first.') },
  secrets: { sesame: headerSecret.describe('What is said then.') },
  open: () => ({ apply: (request) => request }),
});

describe('a kind that is added to the list', () => {
  afterEach(() => {
    vi.doUnmock('../src/backends/kinds.ts');
    vi.resetModules();
  });

  it('is taken by a registration, documented, and has its secret kept apart', async () => {
    vi.resetModules();
    vi.doMock('../src/backends/kinds.ts', async (original) => {
      const kinds = await original<typeof import('../src/backends/kinds.ts')>();
      return {
        ...kinds,
        credentialKinds: [...credentialKinds, added],
        credentialKindOf: (of: { type: string }) =>
          of.type === added.type ? added : kinds.credentialKindOf(of),
      };
    });
    const { authSchema } = await import('../src/backends/auth-schema.ts');
    expect(authSchema().parse(added.example)).toEqual(added.example);
    const { routes } = await import('../src/http/routes.ts');
    const shape = shapeOf(bodyInOpenApi('/admin/agents', 'post', routes), 'authConfig', 'added');
    expect(shape).toMatchObject({
      required: ['type', 'word', 'sesame'],
      properties: { word: { description: 'What is said first.' }, sesame: { writeOnly: true } },
    });
    const markdown = kindsMarkdown({ credentials: [added], companions: {}, targets: [] });
    expect(markdown).toContain('| `sesame` | secret text | required | What is said then. |');
  });
});
