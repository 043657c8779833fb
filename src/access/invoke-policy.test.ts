import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluatePolicy } from '../../aws-local/policy-evaluation.ts';
import { type PermissionOperation, permissionOperations } from '../protocol/permission-operations.ts';
import type { VisibleAgents } from './authorize.ts';
import { type InvokePolicyOptions, invokePolicy, type ScopedRoute, verbsFor } from './invoke-policy.ts';
import type { Permission } from './permission.ts';
import { adminScope, type Principal, registerScope } from './principal.ts';

const stage = 'arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/v1';
const methodArn = `${stage}/GET/agents`;

const routes: readonly ScopedRoute[] = [
  { method: 'GET', path: '/agents', access: 'principal' },
  { method: 'GET', path: '/agents/{agentId}/.well-known/agent-card.json', access: 'principal' },
  { method: 'PATCH', path: '/admin/agents/{agentId}/status', access: 'manager' },
  { method: 'PUT', path: '/admin/permissions/{scope}', access: 'admin' },
];
const always = ['GET/agents', 'GET/agents/*/.well-known/agent-card.json'];

function principal(...scopes: string[]): Principal {
  const who = { issuer: 'https://issuer.test', subject: 'alice', scopes, groups: [], grantees: scopes };
  return { ...who, expiresAtSeconds: 2 ** 31 };
}

function granting(
  allowedAgents: string[],
  operations: readonly PermissionOperation[] = ['send'],
): Permission {
  return {
    ...{ scope: 'demo', revision: 1, createdAtMs: 0, updatedAtMs: 0 },
    ...{ allowedAgents, operations: [...operations] },
  };
}

/** What the policy allows, less the stage and what it always allows. */
async function allowed(
  permissions: Permission[],
  options: Partial<InvokePolicyOptions> = {},
  scopes: string[] = [],
): Promise<string[]> {
  const policy = await invokePolicy(principal(...scopes), permissions, methodArn, {
    routes,
    agentsCovered: async () => [],
    ...options,
  });
  const [{ Resource, ...statement }] = policy.Statement;
  expect(statement).toEqual({ Effect: 'Allow', Action: 'execute-api:Invoke' });
  expect(Resource.every((resource) => resource.startsWith(`${stage}/`))).toBe(true);
  const texts = Resource.map((resource) => resource.slice(stage.length + 1));
  if (options.agentsPath === undefined) expect(texts).toEqual(expect.arrayContaining(always));
  return texts.filter((text) => !always.includes(text));
}

describe('verbsFor', () => {
  it.each<[PermissionOperation[], string[]]>([
    [[], []],
    [['send'], ['GET', 'POST']],
    [['stream'], ['GET', 'POST']],
    [['cancel'], ['GET', 'POST']],
    [['card'], ['GET', 'POST']],
    [['read'], ['GET', 'POST']],
    [['push'], ['DELETE', 'GET', 'POST']],
  ])('takes the verbs of %j from the operations table', (granted, verbs) => {
    expect([...verbsFor(granted)].sort()).toEqual(verbs);
  });
});

describe('the policy of a principal', () => {
  it('with nothing has the routes of every principal', async () => {
    expect(await allowed([])).toEqual([]);
    expect(await allowed([granting(['*'], []), granting([])])).toEqual([]);
  });

  it('names an agent, and what is below it', async () => {
    expect(await allowed([granting(['mine'])])).toEqual([
      ...['GET/agents/mine/*', 'POST/agents/mine', 'POST/agents/mine/*'],
    ]);
    expect(await allowed([granting(['mine'], ['push'])])).toEqual([
      ...['DELETE/agents/mine/*', 'GET/agents/mine/*', 'POST/agents/mine', 'POST/agents/mine/*'],
    ]);
  });

  it('joins what several permissions grant, agent by agent', async () => {
    expect(await allowed([granting(['a', 'b']), granting(['b'], ['push'])])).toEqual([
      ...['DELETE/agents/b/*', 'GET/agents/a/*', 'GET/agents/b/*'],
      ...['POST/agents/a', 'POST/agents/a/*', 'POST/agents/b', 'POST/agents/b/*'],
    ]);
  });

  it.each([
    ['hr-*', ['GET/agents/hr-*', 'POST/agents/hr-*']],
    ['hr-**', ['GET/agents/hr-*', 'POST/agents/hr-*']],
    ['*', ['GET/agents/*', 'POST/agents/*']],
    ['**', ['GET/agents/*', 'POST/agents/*']],
  ])('says a glob that is open at its end in IAM: %s', async (pattern, resources) => {
    const agentsCovered = () => Promise.reject(new Error('asked'));
    expect(await allowed([granting([pattern])], { agentsCovered })).toEqual(resources);
  });

  it.each(['*-prod', 'h*r', 'hr-*-*', '*x*', 'tag:finance', 'tag:a/b'])(
    'names the agents another pattern covers: %s',
    async (pattern) => {
      const agentsCovered = async ({ patterns }: VisibleAgents) => {
        expect(patterns).toEqual([pattern]);
        return ['one'];
      };
      expect(await allowed([granting([pattern])], { agentsCovered })).toEqual([
        ...['GET/agents/one/*', 'POST/agents/one', 'POST/agents/one/*'],
      ]);
    },
  );

  it('looks patterns up once for each set of verbs', async () => {
    const asked: (readonly string[])[] = [];
    const agentsCovered = async ({ patterns }: VisibleAgents) => {
      asked.push(patterns);
      return patterns.includes('*-b') ? ['b'] : ['a'];
    };
    const permissions = [granting(['*-a', 'tag:a']), granting(['*-b'], ['push'])];
    expect(await allowed(permissions, { agentsCovered })).toEqual([
      ...['DELETE/agents/b/*', 'GET/agents/a/*', 'GET/agents/b/*'],
      ...['POST/agents/a', 'POST/agents/a/*', 'POST/agents/b', 'POST/agents/b/*'],
    ]);
    expect(asked).toEqual([['*-a', 'tag:a'], ['*-b']]);
  });

  // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable, as IAM would replace it.
  it.each(['a/b', '../x', '*/agents/x', 'x?', '${aws:username}', 'Mine', 'mine ', '', '*/*', 'tag:*'])(
    'has nothing for a stored text that is no pattern: %j',
    async (text) => {
      const agentsCovered = () => Promise.reject(new Error('asked'));
      expect(await allowed([granting([text], permissionOperations)], { agentsCovered })).toEqual([]);
    },
  );

  it('has nothing for an id from the store that is no id', async () => {
    const agentsCovered = async () => ['*', 'a/b', 'tag:x', 'h*', '?', 'good'];
    expect(await allowed([granting(['tag:x'])], { agentsCovered })).toEqual([
      ...['GET/agents/good/*', 'POST/agents/good', 'POST/agents/good/*'],
    ]);
  });

  it('does not name an agent that is denied, and has the others looked up without', async () => {
    const denying = { ...granting([], []), deniedAgents: ['mine', 'hr-*', 'tag:x', '*/x'] };
    const agentsCovered = async ({ deniedPatterns }: VisibleAgents) => {
      expect(deniedPatterns).toEqual(['mine', 'hr-*', 'tag:x']);
      return ['one'];
    };
    const given = [denying, granting(['mine', 'hr-desk', 'other', 'tag:y'], ['push'])];
    expect(await allowed(given, { agentsCovered })).toEqual([
      ...['DELETE/agents/one/*', 'DELETE/agents/other/*', 'GET/agents/one/*', 'GET/agents/other/*'],
      ...['POST/agents/one', 'POST/agents/one/*', 'POST/agents/other', 'POST/agents/other/*'],
    ]);
  });

  it('has the management routes of its scopes, and no others', async () => {
    const manager = ['PATCH/admin/agents/*/status'];
    expect(await allowed([], {}, [registerScope])).toEqual(manager);
    expect(await allowed([], {}, [adminScope])).toEqual([...manager, 'PUT/admin/permissions/*']);
    expect(await allowed([], {}, ['gateway:adminx', 'xgateway:admin'])).toEqual([]);
  });

  it('has agents under the path they are served at', async () => {
    expect(await allowed([granting(['mine'])], { agentsPath: '/a2a/v1' })).toEqual([
      ...['GET/a2a/v1', 'GET/a2a/v1/*/.well-known/agent-card.json'],
      ...['GET/a2a/v1/mine/*', 'POST/a2a/v1/mine', 'POST/a2a/v1/mine/*'],
    ]);
  });

  it('is of the stage that was called, in every partition', async () => {
    const arn = 'arn:aws-us-gov:execute-api:us-gov-west-1:123456789012:x1/test-invoke-stage';
    for (const asked of [`${arn}/GET/`, `${arn}/POST/agents/mine/message:send`, `${arn}/GET`]) {
      const policy = await invokePolicy(principal(), [], asked, { routes, agentsCovered: async () => [] });
      expect(policy.Statement[0].Resource[0]).toBe(`${arn}/GET/agents`);
    }
  });

  it.each([
    '',
    'undefined',
    '*',
    `${stage}`,
    `${stage}/*/agents`,
    `${stage.replace('v1', '*')}/GET/`,
    `${stage.replace('abcdef1234', '*')}/GET/`,
    `${stage.replace('123456789012', '*')}/GET/`,
    `${stage.replace('eu-central-1', '*')}/GET/`,
    `${stage.replace('execute-api', 's3')}/GET/`,
    `x${stage}/GET/`,
  ])('is not made for what is no method of a stage: %j', async (arn) => {
    const made = invokePolicy(principal(), [], arn, { routes, agentsCovered: async () => [] });
    await expect(made).rejects.toThrow(TypeError);
  });

  it('is not made when agents cannot be looked up', async () => {
    const agentsCovered = () => Promise.reject(new Error('store'));
    await expect(allowed([granting(['tag:x', 'mine'])], { agentsCovered })).rejects.toThrow('store');
  });
});

describe('a policy that grows too large', () => {
  const many = Array.from({ length: 100 }, (_, index) => `agent-${index}`);

  it('allows the granted verbs on every agent', async () => {
    expect(await allowed([granting(many)])).toEqual(['GET/agents/*', 'POST/agents/*']);
    expect(await allowed([granting(many), granting(['one'], ['push'])])).toEqual([
      ...['DELETE/agents/*', 'GET/agents/*', 'POST/agents/*'],
    ]);
  });

  it('does the same when patterns cover too many', async () => {
    const agentsCovered = async () => 'too many' as const;
    const given = [granting(['tag:x', 'mine'], ['push'])];
    expect(await allowed(given, { agentsCovered })).toEqual([
      ...['DELETE/agents/*', 'GET/agents/*', 'POST/agents/*'],
    ]);
  });

  it('stays exact up to the limit', async () => {
    const policy = await invokePolicy(principal(), [granting(many)], methodArn, {
      ...{ routes, agentsCovered: async () => [], maxPolicyBytes: 100_000 },
    });
    const bytes = JSON.stringify(policy).length;
    expect(await allowed([granting(many)], { maxPolicyBytes: bytes })).toHaveLength(300);
    expect(await allowed([granting(many)], { maxPolicyBytes: bytes - 1 })).toHaveLength(2);
  });

  it('is refused where not even the least fits, or a resource is longer than AWS takes', async () => {
    await expect(allowed([], { maxPolicyBytes: 100 })).rejects.toThrow(RangeError);
    await expect(allowed([], { agentsPath: `/${'a'.repeat(500)}` })).rejects.toThrow(RangeError);
  });

  it('never is, whatever is granted', async () => {
    const pattern = fc.oneof(
      fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/),
      fc.constantFrom('*', 'hr-*', '*-prod', 'tag:x', 'a/b', '*/*', '?'),
    );
    const permission = fc.record({
      allowedAgents: fc.array(pattern, { maxLength: 120 }),
      operations: fc.subarray([...permissionOperations]),
    });
    const covered = fc.oneof(fc.constant('too many' as const), fc.array(pattern, { maxLength: 60 }));
    const scopes = fc.subarray([adminScope, registerScope, 'demo']);
    await fc.assert(
      fc.asyncProperty(
        fc.array(permission, { maxLength: 4 }),
        covered,
        scopes,
        fc.integer({ min: 2_000, max: 20_000 }),
        async (permissions, found, held, maxPolicyBytes) => {
          const given = permissions.map(({ allowedAgents, operations }) =>
            granting(allowedAgents, operations),
          );
          const options = { routes, maxPolicyBytes, agentsCovered: async () => found };
          const policy = await invokePolicy(principal(...held), given, methodArn, options);
          expect(Buffer.byteLength(JSON.stringify(policy))).toBeLessThanOrEqual(maxPolicyBytes);
          for (const resource of policy.Statement[0].Resource) {
            const [verb = '', first = '', second = ''] = resource.slice(stage.length + 1).split('/');
            expect(verb).toMatch(/^(?:GET|POST|PUT|PATCH|DELETE)$/);
            expect(`${first}/${second}`).toMatch(/^(?:agents\/|admin\/(?:agents|permissions)$)/);
          }
          expect(evaluatePolicy(policy, methodArn)).toBe('allow');
        },
      ),
      { numRuns: 200 },
    );
  });
});
