import { describe, expect, it } from 'vitest';
import type { OperationName } from '../protocol/operations.ts';
import { operationOf } from '../protocol/operations.ts';
import type { JsonObject } from './core-call.ts';
import { wantsHistoryLeftOut, withoutHistory } from './history.ts';

const proto = { protocolBinding: 'HTTP+JSON', protocolVersion: '0.3' };
const call = (name: OperationName, request: JsonObject) => ({ operation: operationOf(name), request });

describe('history is left out', () => {
  it.each<[OperationName, JsonObject]>([
    ['GetTask', { id: 't-1', historyLength: 0 }],
    ['SendMessage', { message: {}, configuration: { historyLength: 0 } }],
    ['SendStreamingMessage', { message: {}, configuration: { historyLength: 0 } }],
  ])('of an answer to %s that wants none', (name, request) => {
    expect(wantsHistoryLeftOut(call(name, request), proto)).toBe(true);
    expect(wantsHistoryLeftOut(call(name, request), { ...proto, protocolBinding: 'GRPC' })).toBe(true);
  });

  it.each<[string, JsonObject, typeof proto]>([
    ['some is wanted', { id: 't-1', historyLength: 1 }, proto],
    ['nothing is said', { id: 't-1' }, proto],
    ['0.3 in JSON-RPC can say so', { historyLength: 0 }, { ...proto, protocolBinding: 'JSONRPC' }],
    ['1.0 can say so', { historyLength: 0 }, { ...proto, protocolVersion: '1.0' }],
  ])('not where %s', (_, request, to) => {
    expect(wantsHistoryLeftOut(call('GetTask', request), to)).toBe(false);
  });

  it('of a task, bare or in an answer, and of nothing else', () => {
    const task = { id: 't-1', history: [{}] };
    expect(withoutHistory({ ok: true, result: task })).toEqual({ ok: true, result: { id: 't-1' } });
    expect(withoutHistory({ ok: true, result: { task } })).toEqual({
      ok: true,
      result: { task: { id: 't-1' } },
    });
    const message = { message: { messageId: 'm-1' } };
    expect(withoutHistory({ ok: true, result: message })).toEqual({ ok: true, result: message });
  });
});
