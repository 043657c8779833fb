import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cites } from '../../test/support/cites.ts';
import { parseRpcCall, type RpcCall, withTenant } from './jsonrpc.ts';
import { operations } from './operations.ts';
import { servedVersions } from './version.ts';

function parsed(text: string): RpcCall {
  const result = parseRpcCall(text, '1.0');
  if (!result.ok) throw new Error(JSON.stringify(result.failure));
  return result.value;
}

describe('parseRpcCall', () => {
  it('reads the operation, the id and where the guarded members stand', () => {
    const text = '{"jsonrpc":"2.0","id":7,"method":"SendMessage","params":{"message":{"taskId":"t-1"}}}';
    const call = parsed(text);
    expect(call.operation.name).toBe('SendMessage');
    expect(call).toMatchObject({ text, id: 7, idText: '7', params: { message: { taskId: 't-1' } } });
    const { start, end } = call.spans.get('params.message.taskId') ?? { start: 0, end: 0 };
    expect(text.slice(start, end)).toBe('"t-1"');
  });

  it.each(['0', '-1', '1.0', '1e2', '9007199254740993', '""', '"a\\u0062"', 'null'])(
    'keeps the id %s as it is spelled',
    (id) => {
      cites('A2A-9.1-id', 'JSON-RPC 1.0');
      const call = parsed(`{"jsonrpc":"2.0","id": ${id} ,"method":"ListTasks"}`);
      expect(call.idText).toBe(id);
      expect(call.id).toBe(JSON.parse(id));
    },
  );

  it.each(['', ',"params":null', ',"params":{}'])('takes %j for empty parameters', (params) => {
    expect(parsed(`{"jsonrpc":"2.0","id":1,"method":"ListTasks"${params}}`).params).toEqual({});
  });

  it.each([
    ['[]', 'batch'],
    ['[{"jsonrpc":"2.0","id":1,"method":"GetTask"}]', 'batch'],
    ['"GetTask"', 'object'],
    ['null', 'object'],
    ['{"id":1,"method":"GetTask"}', 'jsonrpc'],
    ['{"jsonrpc":2.0,"id":1,"method":"GetTask"}', 'jsonrpc'],
    ['{"jsonrpc":"2.0","id":1}', 'method'],
    ['{"jsonrpc":"2.0","id":1,"method":["GetTask"]}', 'method'],
    ['{"jsonrpc":"2.0","method":"GetTask"}', 'id'],
    ['{"jsonrpc":"2.0","id":true,"method":"GetTask"}', 'id'],
    ['{"jsonrpc":"2.0","id":{},"method":"GetTask"}', 'id'],
    [`{"jsonrpc":"2.0","id":"${'x'.repeat(1_023)}","method":"GetTask"}`, 'id'],
    [`{"jsonrpc":"2.0","id":1.${'0'.repeat(1_023)},"method":"GetTask"}`, 'id'],
    ['{"jsonrpc":"2.0","id":1,"method":"GetTask","params":["t-1"]}', 'params'],
    ['{"jsonrpc":"2.0","id":1,"method":"GetTask","params":"t-1"}', 'params'],
  ])('refuses %s, naming the %s', (text, problem) => {
    const refusal = { ok: false, failure: { code: 'envelope_invalid', problem }, idText: 'null' };
    expect(parseRpcCall(text, '1.0')).toEqual(refusal);
  });

  it.each(['tasks/get', 'getTask', 'GetTask ', 'toString', '__proto__', ''])(
    'knows no operation called %j and answers under the id',
    (method) => {
      const text = JSON.stringify({ jsonrpc: '2.0', id: 'a', method });
      const refusal = { ok: false, failure: { code: 'operation_unknown' }, idText: '"a"' };
      expect(parseRpcCall(text, '1.0')).toEqual(refusal);
    },
  );

  it('knows each operation by its name in each version, and by no other', () => {
    for (const { name, v0_3 } of operations) {
      const names = { '1.0': name, '0.3': v0_3?.method };
      for (const version of servedVersions) {
        for (const method of Object.values(names).filter((known) => known !== undefined)) {
          const result = parseRpcCall(JSON.stringify({ jsonrpc: '2.0', id: 1, method }), version);
          const read = result.ok ? result.value.operation.name : result.failure.code;
          expect([method, read]).toEqual([method, method === names[version] ? name : 'operation_unknown']);
        }
      }
    }
  });

  it.each([
    'tasks/list',
    'Message/Send',
    'message/send ',
    'message\\/send',
    'message.send',
    'SendMessage',
    '',
  ])('knows no operation of 0.3 called %j', (method) => {
    const text = JSON.stringify({ jsonrpc: '2.0', id: 'a', method });
    const refusal = { ok: false, failure: { code: 'operation_unknown' }, idText: '"a"' };
    expect(parseRpcCall(text, '0.3')).toEqual(refusal);
  });

  it('looks at the members of the version it reads by', () => {
    const text = (params: string) =>
      `{"jsonrpc":"2.0","id":1,"method":"tasks/pushNotificationConfig/get","params":${params}}`;
    const read = parseRpcCall(text('{"id":"t-1","pushNotificationConfigId":"c-1","config_id":"x"}'), '0.3');
    expect(read.ok && [...read.value.spans.keys()]).toEqual([
      ...['jsonrpc', 'id', 'method', 'params.id', 'params.pushNotificationConfigId', 'params'],
    ]);
    expect(parseRpcCall(text('{"push_notification_config_id":"c-1"}'), '0.3')).toMatchObject({
      failure: { code: 'member_refused', rule: 'alias' },
    });
  });

  it('answers under the id where a parameter is refused', () => {
    const text = '{"jsonrpc":"2.0","method":"GetTask","params":{"id":"t-1","ID":"t-2"},"id":"a"}';
    expect(parseRpcCall(text, '1.0')).toEqual({
      ok: false,
      failure: { code: 'member_refused', member: 'params.ID', rule: 'alias' },
      idText: '"a"',
    });
  });

  it.each([
    ['{"jsonrpc":"2.0","id":1,"id":2,"method":"GetTask"}', 'id', 'duplicate'],
    ['{"jsonrpc":"2.0","id":1,"method":"GetTask","method":"SendMessage"}', 'method', 'duplicate'],
    ['{"jsonrpc":"2.0","id":1,"method":"GetTask","Method":"SendMessage"}', 'Method', 'alias'],
    ['{"jsonrpc":"2.0","id":1,"method":"GetTask","params":{},"Params":{}}', 'Params', 'alias'],
  ])('refuses an envelope that two readers may read two ways: %s', (text, member, rule) => {
    const refusal = { ok: false, failure: { code: 'member_refused', member, rule }, idText: 'null' };
    expect(parseRpcCall(text, '1.0')).toEqual(refusal);
  });
});

describe('withTenant', () => {
  const body = (params: string) => `{ "jsonrpc":"2.0", "id":1, "method":"GetTask"${params} }`;

  it.each([
    ['absent', body(', "params": {"id":"t-1"}'), body(', "params": {"tenant":"acme","id":"t-1"}')],
    [
      'null',
      body(', "params": {"id":"t-1", "tenant": null}'),
      body(', "params": {"id":"t-1", "tenant": "acme"}'),
    ],
    ['empty', body(', "params": {"tenant":"","id":"t-1"}'), body(', "params": {"tenant":"acme","id":"t-1"}')],
    ['in empty params', body(', "params": { }'), body(', "params": {"tenant":"acme"}')],
    ['in params that are null', body(', "params": null'), body(', "params": {"tenant":"acme"}')],
  ])('puts the tenant where the caller left it %s', (_, text, expected) => {
    expect(withTenant(parsed(text), 'acme')).toBe(expected);
  });

  it('puts it into params of its own where there are none', () => {
    expect(withTenant(parsed(' {"jsonrpc":"2.0","id":1,"method":"ListTasks"}'), 'a"b')).toBe(
      ' {"params":{"tenant":"a\\"b"},"jsonrpc":"2.0","id":1,"method":"ListTasks"}',
    );
  });

  it('changes nothing for an agent without one', () => {
    const text = body(', "params": {"tenant":""}');
    expect(withTenant(parsed(text), undefined)).toBe(text);
  });

  it('adds the tenant and nothing else, whatever the parameters', () => {
    const params = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { noNullPrototype: true });
    const property = fc.property(params, fc.string({ minLength: 1 }), (given, tenant) => {
      const text = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ListTasks', params: given });
      const result = parseRpcCall(text, '1.0');
      fc.pre(result.ok);
      const received = JSON.parse(text) as { params: object }; // It is what was made above.
      const expected = { ...received, params: { ...received.params, tenant } };
      expect(JSON.parse(withTenant(result.value, tenant))).toEqual(expected);
    });
    fc.assert(property);
  });
});
