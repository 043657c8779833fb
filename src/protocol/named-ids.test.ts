import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namedIds, namingMembers } from './named-ids.ts';
import { type Operation, type OperationName, operationOf, operations } from './operations.ts';
import { matchRest, restPath } from './rest.ts';
import type { ServedVersion } from './version.ts';

/** Every form of an operation: its guarded members, and what of them names a task or a context by the specification. */
interface Form {
  operation: Operation;
  how: string;
  members: ReturnType<typeof namingMembers>;
  guarded: readonly string[];
}

function rpcForm(operation: Operation, version: ServedVersion): Form[] {
  const guarded = version === '1.0' ? operation.guarded : operation.v0_3?.guarded;
  if (guarded === undefined) return [];
  return [{ operation, how: `JSON-RPC ${version}`, members: namingMembers(operation, guarded), guarded }];
}

function restForm(operation: Operation, version: ServedVersion): Form[] {
  const route = version === '1.0' ? operation.rest : operation.v0_3?.rest;
  if (route === undefined) return [];
  const match = matchRest(route.method, restPath(route, { id: 'i', taskId: 't' }));
  if (!match.ok) throw new TypeError(`no route to ${operation.name}`);
  const { naming, guarded, bindings } = match.value;
  const all = [...new Set([...guarded, ...Object.keys(bindings)])];
  return [{ operation, how: `HTTP+JSON ${version}`, members: naming, guarded: all }];
}

const forms = operations.flatMap((operation) =>
  (['1.0', '0.3'] as const).flatMap((version) => [
    ...rpcForm(operation, version),
    ...restForm(operation, version),
  ]),
);
const titled = forms.map((form) => [`${form.operation.name}, ${form.how}`, form] as const);

/** Members that name nothing which is anybody's. */
const others = [/(?:^|\.)tenant$/, /(?:^|\.)url$/, /onfigId$/, /otification(?:Config)?\.id$/];

/** Where an operation is about a push configuration, `id` beside `taskId` is the configuration's. */
function isConfigId(member: string, { operation, guarded }: Form): boolean {
  const isOfPush = operation.name.includes('PushNotificationConfig');
  return member === 'id' && isOfPush && guarded.includes('taskId');
}

function isIdBearing(member: string, form: Form): boolean {
  if (form.operation.name === 'ListTasks') return false;
  return !others.some((other) => other.test(member)) && !isConfigId(member, form);
}

/** A request with these members, each with an id of its own. */
function requestOf(members: readonly string[]): { request: Record<string, unknown>; ids: string[] } {
  const request: Record<string, unknown> = {};
  const ids = members.map((member, n) => {
    const id = `id-${n}`;
    const names = member.split('.');
    const leaf = names.pop() ?? '';
    let at = request;
    for (const name of names) {
      at[name] ??= {};
      at = at[name] as Record<string, unknown>; // Just made.
    }
    at[leaf] = leaf === 'referenceTaskIds' ? [id] : naming(leaf, id);
    return id;
  });
  return { request, ids };
}

function naming(leaf: string, id: string): string {
  return leaf === 'name' || leaf === 'parent' ? `tasks/${id}` : id;
}

describe('the ids a request names', () => {
  it.each(titled)('are found in every guarded member that bears one: %s', (_, form) => {
    const bearing = form.guarded.filter((member) => isIdBearing(member, form));
    const property = fc.property(fc.subarray(bearing), (members) => {
      const { request, ids } = requestOf(members);
      const { taskIds, contextIds } = namedIds(form.members, [request]);
      expect([...taskIds, ...contextIds].sort()).toEqual(ids.sort());
    });
    fc.assert(property);
  });

  it.each(titled)('are in no member that bears none: %s', (_, form) => {
    const { request } = requestOf(form.guarded.filter((member) => !isIdBearing(member, form)));
    expect(namedIds(form.members, [request])).toEqual({ taskIds: [], contextIds: [] });
  });

  it('bear an id somewhere in each operation that is about a task', () => {
    const silent = forms.filter((form) => !form.guarded.some((member) => isIdBearing(member, form)));
    expect(new Set(silent.map(({ operation }) => operation.name))).toEqual(
      new Set(['ListTasks', 'GetExtendedAgentCard']),
    );
  });

  function named(name: OperationName, ...places: Record<string, unknown>[]) {
    const operation = operationOf(name);
    return namedIds(namingMembers(operation, operation.guarded), places);
  }

  it('are told apart as tasks and contexts', () => {
    const message = { taskId: 't-1', contextId: 'c-1', referenceTaskIds: ['t-2', 't-1', 't-3'] };
    const configuration = { taskPushNotificationConfig: { taskId: 't-4', id: 'p-1' } };
    expect(named('SendMessage', { message, configuration })).toEqual({
      taskIds: ['t-1', 't-2', 't-3', 't-4'],
      contextIds: ['c-1'],
    });
  });

  it('are those of every place, none of which hides another', () => {
    expect(named('GetTask', { id: 'query' }, { id: 'body' }, { id: 'path' }).taskIds).toEqual([
      'query',
      'body',
      'path',
    ]);
  });

  it.each([
    ['null', null],
    ['the empty text', ''],
    ['no text', 7],
    ['an object', { id: 't-1' }],
  ])('are none where a member is %s', (_, id) => {
    expect(named('GetTask', { id })).toEqual({ taskIds: [], contextIds: [] });
  });

  it('are not taken from what every object inherits', () => {
    const members = [{ path: ['constructor', 'name'], kind: 'task', idIn: (text: string) => text } as const];
    expect(namedIds(members, [{}]).taskIds).toEqual([]);
  });

  const legacyNames = (path: string, body: Record<string, unknown>) => {
    const match = matchRest('POST', path);
    return match.ok ? namedIds(match.value.naming, [body]).taskIds : undefined;
  };

  it('are inside the resource names of 0.3', () => {
    const configs = '/v1/tasks/t-1/pushNotificationConfigs';
    expect(
      legacyNames(configs, { parent: 'tasks/a', config: { name: 'tasks/b/pushNotificationConfigs/p' } }),
    ).toEqual(['a', 'b']);
    expect(legacyNames('/v1/tasks/t-1:cancel', { name: 'tasks/a/b' })).toEqual(['a/b']);
    expect(legacyNames('/v1/tasks/t-1:cancel', { name: 'jobs/a' })).toEqual([]);
  });
});
