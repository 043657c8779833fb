import { expect, it } from 'vitest';
import type { Method } from '../../aws-local/api-gateway/model.ts';
import { matchResource, methodFor } from '../../aws-local/api-gateway/resources.ts';
import { resourcesOf } from './support.ts';

const get = { integration: { functionArn: 'get', mode: 'BUFFERED', timeoutMs: 1 } } satisfies Method;
const any = { integration: { functionArn: 'any', mode: 'BUFFERED', timeoutMs: 1 } } satisfies Method;
const none = new Map<string, Method>();
const root = resourcesOf({
  '/': none,
  '/agents': none,
  '/agents/{agentId}': new Map([
    ['GET', get],
    ['ANY', any],
  ]),
  '/agents/{agentId}/{proxy+}': none,
  '/agents/{agentId}/tasks/list': none,
  '/agents/self/{rest}': none,
  '/{proxy+}': none,
});

it.each([
  ['/', '/', {}],
  ['/agents', '/agents', {}],
  ['/agents/', '/agents', {}],
  ['/agents/a', '/agents/{agentId}', { agentId: 'a' }],
  ['/agents/%61', '/agents/{agentId}', { agentId: '%61' }],
  ['/agents/a/b', '/agents/{agentId}/{proxy+}', { agentId: 'a', proxy: 'b' }],
  ['/agents/a/b/c/', '/agents/{agentId}/{proxy+}', { agentId: 'a', proxy: 'b/c/' }],
  ['/agents/a/tasks/list', '/agents/{agentId}/tasks/list', { agentId: 'a' }],
  ['/agents/a/tasks/other', '/agents/{agentId}/{proxy+}', { agentId: 'a', proxy: 'tasks/other' }],
  ['/agents/self/x', '/agents/self/{rest}', { rest: 'x' }],
  ['/agents/self/x/y', '/agents/{agentId}/{proxy+}', { agentId: 'self', proxy: 'x/y' }],
  ['/agents//b', '/{proxy+}', { proxy: 'agents//b' }],
  ['/agents/a/../b', '/agents/{agentId}/{proxy+}', { agentId: 'a', proxy: '../b' }],
  ['/Agents', '/{proxy+}', { proxy: 'Agents' }],
  ['/{agentId}', '/{proxy+}', { proxy: '{agentId}' }],
])('%s is served by %s', (path, resource, pathParameters) => {
  const match = matchResource(root, path);
  expect([match?.resource.path, match?.pathParameters]).toEqual([resource, pathParameters]);
});

it('a path beside every resource has none', () => {
  expect(matchResource(resourcesOf({ '/health': none }), '/other')).toBeUndefined();
  expect(matchResource(resourcesOf({ '/a/{proxy+}': none }), '/a/')?.resource.path).toBe('/a');
});

it('ANY takes the verbs that have no method of their own', () => {
  const match = matchResource(root, '/agents/a');
  const method = (verb: string) => match && methodFor(match.resource, verb)?.integration.functionArn;
  expect([method('GET'), method('DELETE'), method('HEAD')]).toEqual(['get', 'any', 'any']);
  expect(methodFor(root, 'GET')).toBeUndefined();
});
