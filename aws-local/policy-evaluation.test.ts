import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluatePolicy, wildcardMatches } from './policy-evaluation.ts';

const stage = 'arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/v1';

function statement(members: Record<string, unknown> = {}): Record<string, unknown> {
  return { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: `${stage}/GET/agents`, ...members };
}

function decide(Statement: unknown, path = 'GET/agents'): string {
  return evaluatePolicy({ Version: '2012-10-17', Statement }, `${stage}/${path}`);
}

describe('evaluatePolicy', () => {
  it('allows what a statement allows and nothing else', () => {
    expect(decide(statement())).toBe('allow');
    expect(decide([statement()], 'GET/agents/')).toBe('implicit_deny');
    expect(decide([])).toBe('implicit_deny');
  });

  it('lets a denial win, wherever it stands', () => {
    const denial = statement({ Effect: 'Deny', Resource: '*' });
    expect(decide([statement(), denial])).toBe('explicit_deny');
    expect(decide([denial, statement()])).toBe('explicit_deny');
    expect(decide([denial])).toBe('explicit_deny');
  });

  it('takes texts and lists for actions and resources', () => {
    expect(decide(statement({ Action: ['s3:*', 'execute-api:*'], Resource: ['x', `${stage}/*`] }))).toBe(
      'allow',
    );
    expect(decide(statement({ Action: 's3:*' }))).toBe('implicit_deny');
    expect(decide(statement({ Resource: [] }))).toBe('implicit_deny');
  });

  it('compares actions without case and resources by it', () => {
    expect(decide(statement({ Action: 'Execute-API:invoke' }))).toBe('allow');
    expect(decide(statement(), 'get/agents')).toBe('implicit_deny');
    expect(decide(statement(), 'GET/Agents')).toBe('implicit_deny');
  });

  it('lets a star span slashes', () => {
    const spanning = statement({ Resource: `${stage}/*/agents/mine/*` });
    expect(decide(spanning, 'POST/agents/other/message:send%3F/agents/mine/x')).toBe('allow');
  });

  it.each([
    ['NotAction', { NotAction: 's3:*' }],
    ['NotResource', { NotResource: 'x' }],
    ['Condition', { Condition: { Bool: { 'aws:SecureTransport': 'true' } } }],
    ['Principal', { Principal: '*' }],
    ['no action', { Action: undefined }],
    ['no resource', { Resource: undefined }],
    ['an empty resource', { Resource: '' }],
    ['a resource that is no text', { Resource: [1] }],
    ['another effect', { Effect: 'allow' }],
  ])('refuses to judge a statement with %s', (_, members) => {
    expect(() => decide(statement(members))).toThrow(TypeError);
  });

  it.each([undefined, null, 'x', [], {}])('refuses to judge what is no policy: %j', (policy) => {
    expect(() => evaluatePolicy(policy, stage)).toThrow(TypeError);
  });
});

describe('wildcardMatches', () => {
  it.each([
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['a*', 'a', true],
    ['*a', 'ba', true],
    ['a*b*c', 'axxbyyc', true],
    ['a*b*c', 'acb', false],
    ['*aab', 'aaaab', true],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['?', '/', true],
    ['a?', 'a', false],
    ['**', 'a', true],
    ['a.c', 'abc', false],
    ['[a]+', 'a', false],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable as it would stand in a policy.
    ['${aws:x}', '${aws:x}', true],
  ])('%j against %j is %j', (pattern, text, matches) => {
    expect(wildcardMatches(pattern, text)).toBe(matches);
  });

  it('agrees with the pattern as a regular expression', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '*', '?', '.'), maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 10 });
    fc.assert(
      fc.property(pattern, text, (given, tried) => {
        const source = given.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
        return wildcardMatches(given, tried) === new RegExp(`^${source}$`).test(tried);
      }),
      { numRuns: 2_000 },
    );
  });

  it('does not hang on stars that never fit', () => {
    expect(wildcardMatches(`${'*a'.repeat(200)}b`, 'a'.repeat(8_000))).toBe(false);
  });
});
