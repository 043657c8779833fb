import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Route } from './route.ts';
import { createRouter } from './router.ts';

const handle = async () => new Response();

function route(method: Route['method'], path: string): Route {
  return { method, path, access: 'anyone', summary: path, answers: [200], handle };
}

const table = [
  route('GET', '/health'),
  route('GET', '/.well-known/oauth-protected-resource/agents/{agentId}'),
  route('GET', '/agents'),
  route('GET', '/agents/'),
  route('GET', '/admin/agents'),
  route('POST', '/admin/agents'),
  route('DELETE', '/admin/agents/{agentId}'),
  route('GET', '/admin/permissions/{scope}'),
  route('GET', '/agents/{agentId}/.well-known/agent-card.json'),
  route('POST', '/agents/{agentId}'),
  route('POST', '/agents/{agentId}/'),
  route('ALL', '/agents/{agentId}/{operation...}'),
];
const match = createRouter(table, '/agents');

function matched(method: string, path: string, by = match): unknown {
  const result = by(method, path);
  return result.ok ? [result.value.route.path, result.value.params] : result.failure;
}

describe('the router', () => {
  it.each([
    ['GET', '/health', '/health', {}],
    ['GET', '/agents/', '/agents/', {}],
    ['POST', '/agents/a', '/agents/{agentId}', { agentId: 'a' }],
    ['POST', '/agents/a/', '/agents/{agentId}/', { agentId: 'a' }],
    ['DELETE', '/admin/agents/a', '/admin/agents/{agentId}', { agentId: 'a' }],
    ['GET', '/admin/permissions/gateway:admin', '/admin/permissions/{scope}', { scope: 'gateway:admin' }],
    ['BREW', '/agents/a/x', '/agents/{agentId}/{operation...}', { agentId: 'a', operation: 'x' }],
    [
      'GET',
      '/agents/a/tasks/t%20:x',
      '/agents/{agentId}/{operation...}',
      { agentId: 'a', operation: 'tasks/t%20:x' },
    ],
  ])('finds %s %s', (method, path, pattern, params) =>
    expect(matched(method, path)).toEqual([pattern, params]),
  );

  it('takes the first route that fits', () =>
    expect(matched('GET', '/agents/a/.well-known/agent-card.json')).toEqual([
      '/agents/{agentId}/.well-known/agent-card.json',
      { agentId: 'a' },
    ]));

  it('compares segments as they stand, so nothing is decoded into a route', () => {
    for (const path of [
      '/%68ealth',
      '/Health',
      '/health/',
      '/health/x',
      '/health?',
      '//health',
      '',
      'health',
    ]) {
      expect(matched('GET', path)).toEqual({ code: 'route_not_found' });
    }
  });

  it('names the methods a path takes', () => {
    expect(matched('PUT', '/admin/agents')).toEqual({ code: 'method_not_allowed', allow: 'GET, POST' });
    expect(matched('get', '/health')).toEqual({ code: 'method_not_allowed', allow: 'GET' });
  });

  it.each(['A', 'a.b', '..', '*', '-a', 'a%2fb', 'a'.repeat(64)])(
    'refuses %j as an agent id, whatever the method',
    (agentId) => {
      for (const path of [`/agents/${agentId}`, `/agents/${agentId}/x`, `/admin/agents/${agentId}`]) {
        for (const method of ['GET', 'POST', 'DELETE', 'BREW']) {
          expect(matched(method, path)).toEqual({ code: 'path_refused', rule: 'agent_id' });
        }
      }
    },
  );

  it('serves agents where the setting says, and only there', () => {
    const moved = createRouter(table, '/a2a/agents-1');
    const found = ['/agents/{agentId}', { agentId: 'a' }];
    expect(matched('POST', '/a2a/agents-1/a', moved)).toEqual(found);
    expect(matched('POST', '/agents/a', moved)).toEqual({ code: 'route_not_found' });
    expect(matched('GET', '/.well-known/oauth-protected-resource/a2a/agents-1/a', moved)).toEqual([
      '/.well-known/oauth-protected-resource/agents/{agentId}',
      { agentId: 'a' },
    ]);
    expect(matched('DELETE', '/admin/agents/a', moved)).toEqual([
      '/admin/agents/{agentId}',
      { agentId: 'a' },
    ]);
  });

  it('binds every parameter to one segment that is not empty, but for a last one that takes the rest', () => {
    const segments = fc.array(fc.constantFrom('', 'agents', 'admin', 'a', 'B', '..', 'x:y', '%2f'), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(segments, fc.constantFrom('GET', 'POST', 'DELETE'), (parts, method) => {
        const path = `/${parts.join('/')}`;
        const result = match(method, path);
        if (!result.ok) return;
        const { route, params } = result.value;
        const { operation, ...single } = params;
        for (const value of Object.values(single)) expect(value).toMatch(/^[^/]+$/);
        expect(operation).not.toBe('');
        const rebuilt = route.path.replace(/\{(\w+)(?:\.\.\.)?\}/g, (_, name: string) => params[name] ?? '');
        expect(rebuilt).toBe(path);
      }),
      { numRuns: 2_000 },
    );
  });
});
