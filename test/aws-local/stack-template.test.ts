import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readApi } from '../../aws-local/api-gateway/api-template.ts';
import { matchResource, methodFor } from '../../aws-local/api-gateway/resources.ts';
import type { CloudAssembly } from '../../aws-local/cloud-assembly.ts';
import { readFunctions } from '../../aws-local/functions.ts';
import { kindOf, localValues } from '../../aws-local/local-values.ts';
import { synthesise } from '../../aws-local/synthesise.ts';
import { type ResolvedTemplate, resolveTemplate } from '../../aws-local/template.ts';
import { functionNames } from '../../infra/function-names.ts';
import { newFolder } from './support.ts';

const origin = 'http://127.0.0.1:8080';
let assembly: CloudAssembly;
let template: ResolvedTemplate;

beforeAll(() => {
  const folder = newFolder();
  for (const name of functionNames) {
    mkdirSync(join(folder, 'bundles', name), { recursive: true });
    writeFileSync(
      join(folder, 'bundles', name, 'index.mjs'),
      `export const handler = async () => '${name}';`,
    ); // Assets are told apart by what they hold.
  }
  assembly = synthesise({ origin, folder, bundlesPath: join(folder, 'bundles') });
  template = resolveTemplate(assembly.template, localValues);
});

describe('the stack of the product', () => {
  it('holds only kinds of resources that are emulated or left out for a reason', () => {
    const types = new Set(template.resources.map(({ type }) => type));
    expect([...types].filter((type) => kindOf(type) === undefined)).toEqual([]);
  });

  it('has every function, told of loopback', () => {
    const functions = readFunctions(template, assembly);
    expect(functions.map(({ name }) => name).sort()).toEqual([...functionNames].sort());
    for (const { environment, handler } of functions) {
      expect(handler).toBe('index.handler');
      expect(environment).toMatchObject({
        A2A_GATEWAY_PUBLIC_URL: origin,
        A2A_GATEWAY_STORE: 'dynamodb',
        A2A_GATEWAY_UPSTREAM_ALLOW_HTTP: 'true',
      });
      expect(JSON.parse(environment.A2A_GATEWAY_ISSUERS ?? '')).toMatchObject([
        { issuer: `${origin}/dev/issuer`, audiences: [origin] },
      ]);
    }
  });

  it.each([
    ['POST', '/agents/echo', 'data-plane', 'STREAM', true],
    ['POST', '/agents/echo/message:stream', 'data-plane', 'STREAM', true],
    ['GET', '/agents/echo/tasks/t-1', 'data-plane', 'STREAM', true],
    ['GET', '/agents/echo/.well-known/agent-card.json', undefined, undefined, false],
    ['GET', '/agents', 'management', 'BUFFERED', true],
    ['POST', '/admin/agents', 'management', 'BUFFERED', true],
    ['POST', '/search', 'management', 'BUFFERED', true],
    ['POST', '/agents/directory', 'data-plane', 'STREAM', true],
    ['GET', '/health', 'management', 'BUFFERED', false],
  ])('serves %s %s', (verb, path, name, mode, isAuthorized) => {
    const functions = new Map(readFunctions(template, assembly).map((each) => [each.arn, each.name]));
    const match = matchResource(readApi(template).root, path);
    const method = match && methodFor(match.resource, verb);
    const { integration, authorizer } = method ?? {};
    if (name !== undefined) expect(functions.get(integration?.functionArn ?? '')).toBe(name);
    if (mode !== undefined) expect(integration?.mode).toBe(mode);
    expect(integration).toBeDefined();
    expect(authorizer !== undefined).toBe(isAuthorized);
  });
});
