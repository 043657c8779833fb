import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OperationName, operations } from '../protocol/operations.ts';
import { matchRest, type RestMatch } from '../protocol/rest.ts';
import { upstreamQuery } from './query.ts';

function named(name: OperationName, bound: readonly string[] = []): Pick<RestMatch, 'route' | 'bound'> {
  const operation = operations.find((known) => known.name === name);
  if (operation === undefined) throw new Error(name);
  return { route: operation.rest, bound };
}

const list = named('ListTasks');
const get = named('GetTask', ['id']);

describe('upstreamQuery', () => {
  it.each([
    ['', ''],
    ['pageSize=10&contextId=c%201&status=TASK_STATE_WORKING', null],
    ['historyLength=0', null],
    ['statusTimestampAfter=2026-01-01T00%3A00%3A00%2B01:00', null],
    ['x-vendor=a&x-vendor=a', null],
    ['a=1&&b&=', null],
    ['message.tenant=1', null],
    ['a2a-version=1.0', ''],
    ['A2A-Version=1.0&pageSize=2&a2a-version=1.0', '?pageSize=2'],
  ])('of %j is handed on letter for letter, but for the version', (query, expected) => {
    expect(upstreamQuery(query, list)).toEqual({ ok: true, value: expected ?? `?${query}` });
  });

  it('is dropped where the body speaks', () => {
    const query = 'tenant=acme&id=t-2';
    expect(upstreamQuery(query, named('CancelTask', ['id']))).toEqual({ ok: true, value: '' });
  });

  it.each([
    ['tenant=acme', 'tenant', 'tenant'],
    ['tenant=', 'tenant', 'tenant'],
    ['%74enant=acme', 'tenant', 'tenant'],
    ['Tenant=acme', 'Tenant', 'alias'],
    ['tenant[]=acme', 'tenant[]', 'alias'],
    ['tenant%5B0%5D=acme', 'tenant[0]', 'alias'],
    ['tenant.x=acme', 'tenant.x', 'alias'],
    ['%5Btenant%5D=acme', '[tenant]', 'alias'],
    ['context_id=c-1', 'context_id', 'alias'],
    ['CONTEXTID=c-1', 'CONTEXTID', 'alias'],
    ['context-id=c-1', 'context-id', 'alias'],
    ['contextId%5B%5D=c-1', 'contextId[]', 'alias'],
    ['contextId=c-1&contextId=c-2', 'contextId', 'duplicate'],
    ['+contextId=c-1', ' contextId', 'alias'],
    ['taskId%20=t-1', 'taskId ', 'alias'],
    ['%5B+name%5D=tasks/t-1', '[ name]', 'alias'],
    ['contextId=c-1&pageSize=1&context%49d=c-2', 'contextId', 'duplicate'],
    ['a=1&task_id=t-1', 'task_id', 'alias'],
  ])('refuses %s', (query, member, rule) => {
    expect(upstreamQuery(query, list)).toEqual({
      ok: false,
      failure: { code: 'member_refused', member, rule },
    });
  });

  it('refuses what the path has named', () => {
    expect(upstreamQuery('id=t-1', get)).toEqual({
      ok: false,
      failure: { code: 'member_refused', member: 'id', rule: 'path' },
    });
  });

  it.each(['name', 'parent', 'id', 'taskId'])('refuses %s where a path of 0.3 names the task', (name) => {
    const match = matchRest('GET', '/v1/tasks/t-1');
    if (!match.ok) throw new Error(match.failure.code);
    const refusal = { ok: false, failure: { code: 'member_refused', member: name, rule: 'path' } };
    expect(upstreamQuery(`${name}=tasks/t-2`, match.value)).toEqual(refusal);
    expect(upstreamQuery('historyLength=1', match.value)).toEqual({ ok: true, value: '?historyLength=1' });
  });

  it('hands on what is not guarded, in order, whatever it is', () => {
    const pair = fc
      .tuple(fc.stringMatching(/^x[a-z]{0,6}$/), fc.stringMatching(/^[a-z0-9.=:+-]{0,8}$/))
      .map((parts) => parts.join('='));
    const property = fc.property(fc.array(pair, { minLength: 1 }), (pairs) => {
      const query = pairs.join('&');
      expect(upstreamQuery(query, list)).toEqual({ ok: true, value: `?${query}` });
    });
    fc.assert(property);
  });
});
