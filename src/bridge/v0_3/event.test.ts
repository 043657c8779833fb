import { beforeEach, describe, expect, it } from 'vitest';
import { failureOf } from '../../../test/support/bridge.ts';
import { cites } from '../../../test/support/cites.ts';
import { fromCoreEvent, toCoreEvent } from './event.ts';

const ids = { taskId: 't-1', contextId: 'c-1' };

describe('an event in 0.3 and in core', () => {
  beforeEach(() => cites('A2A-0.3-6.3-states'));

  it.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    [
      'a task',
      {
        kind: 'task',
        id: 't-1',
        contextId: 'c-1',
        status: {
          state: 'input-required',
          timestamp: '2026-01-01T00:00:00Z',
          message: { kind: 'message', messageId: 'm-2', role: 'agent', parts: [], x: 1 },
          x: 2,
        },
        history: [{ kind: 'message', messageId: 'm-1', role: 'user', parts: [{ kind: 'text', text: 'a' }] }],
        artifacts: [
          {
            artifactId: 'a-1',
            name: 'n',
            description: 'd',
            extensions: [],
            parts: [{ kind: 'data', data: {} }],
            x: 3,
          },
        ],
        metadata: {},
        x: 4,
      },
      {
        task: {
          id: 't-1',
          contextId: 'c-1',
          status: {
            state: 'TASK_STATE_INPUT_REQUIRED',
            timestamp: '2026-01-01T00:00:00Z',
            message: { messageId: 'm-2', role: 'ROLE_AGENT', parts: [], x: 1 },
            x: 2,
          },
          history: [{ messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'a' }] }],
          artifacts: [
            {
              artifactId: 'a-1',
              name: 'n',
              description: 'd',
              extensions: [],
              parts: [{ data: {} }],
              x: 3,
            },
          ],
          metadata: {},
          x: 4,
        },
      },
    ],
    [
      'a message',
      { kind: 'message', messageId: 'm-1', role: 'agent', parts: [{ kind: 'text', text: 'a' }] },
      { message: { messageId: 'm-1', role: 'ROLE_AGENT', parts: [{ text: 'a' }] } },
    ],
    [
      'a status update',
      { kind: 'status-update', ...ids, status: { state: 'unknown' }, final: true, metadata: { a: 1 }, x: 1 },
      { statusUpdate: { ...ids, status: { state: 'TASK_STATE_UNSPECIFIED' }, metadata: { a: 1 }, x: 1 } },
    ],
    [
      'an artifact update',
      {
        kind: 'artifact-update',
        ...ids,
        artifact: { artifactId: 'a-1', parts: [] },
        append: true,
        lastChunk: false,
        x: 1,
      },
      {
        artifactUpdate: {
          ...ids,
          artifact: { artifactId: 'a-1', parts: [] },
          append: true,
          lastChunk: false,
          x: 1,
        },
      },
    ],
  ])('is the same for %s', (_title, legacy, core) => {
    expect(toCoreEvent(legacy)).toEqual(core);
    expect(fromCoreEvent(core, true)).toEqual(legacy);
  });

  it.each([true, false])('says on a status update whether it is the last: %s', (isFinal) => {
    const event = { statusUpdate: { ...ids, status: { state: 'TASK_STATE_COMPLETED' }, final: 'x' } };
    expect(fromCoreEvent(event, isFinal)).toEqual({
      kind: 'status-update',
      ...ids,
      status: { state: 'completed' },
      final: isFinal,
    });
  });

  it('fills in what 0.3 requires and ProtoJSON leaves out', () => {
    expect(fromCoreEvent({ task: { id: 't-1' } }, false)).toEqual({
      kind: 'task',
      id: 't-1',
      contextId: '',
      status: { state: 'unknown' },
    });
    expect(fromCoreEvent({ statusUpdate: { status: { message: { parts: null } } } }, false)).toEqual({
      kind: 'status-update',
      contextId: '',
      status: { state: 'unknown', message: { kind: 'message', parts: [] } },
      final: false,
    });
    expect(fromCoreEvent({ artifactUpdate: { artifact: {} } }, false)).toEqual({
      kind: 'artifact-update',
      contextId: '',
      artifact: { parts: [] },
    });
  });

  it('leaves an empty text out towards 0.3, where it would be one', () => {
    const artifact = { artifactId: 'a-1', name: '', description: '', parts: [] };
    const task = { id: 't-1', contextId: 'c-1', status: { timestamp: '' }, artifacts: [artifact] };
    expect(fromCoreEvent({ task }, false)).toEqual({
      kind: 'task',
      id: 't-1',
      contextId: 'c-1',
      status: { state: 'unknown' },
      artifacts: [{ artifactId: 'a-1', parts: [] }],
    });
  });

  it.each([
    ['2026-01-01T00:00:00', '2026-01-01T00:00:00Z'],
    ['2026-01-01T00:00:00.123456', '2026-01-01T00:00:00.123456Z'],
    ['2026-01-01T00:00:00.1Z', '2026-01-01T00:00:00.1Z'],
    ['2026-01-01T00:00:00+02:00', '2026-01-01T00:00:00+02:00'],
    ['yesterday', 'yesterday'],
  ])('gives a time without a zone that of UTC: %s', (timestamp, zoned) => {
    expect(toCoreEvent({ kind: 'task', status: { timestamp } })).toEqual({
      task: { status: { timestamp: zoned } },
    });
  });

  it.each([
    ['running', 'user'],
    ['constructor', '__proto__'],
  ])('passes states and roles that it does not know: %s, %s', (state, role) => {
    const legacy = {
      kind: 'task',
      contextId: 'c',
      status: { state, message: { kind: 'message', role: `${role}?`, parts: [] } },
    };
    expect(toCoreEvent(legacy)).toMatchObject({ task: { status: { state, message: { role: `${role}?` } } } });
    expect(fromCoreEvent(toCoreEvent(legacy), false)).toEqual(legacy);
  });

  it('reads states and roles by number, as ProtoJSON does', () => {
    const task = { status: { state: 5, message: { role: 2 } } };
    expect(fromCoreEvent({ task }, false)).toMatchObject({
      status: { state: 'canceled', message: { role: 'agent' } },
    });
  });

  it('puts members around the payload inside it, unless they mean something there', () => {
    const event = {
      task: { id: 't-1', x: 1 },
      message: null,
      x: 2,
      y: 3,
      context_id: 'c-2',
      kind: 'message',
    };
    expect(fromCoreEvent(event, false)).toEqual({
      kind: 'task',
      id: 't-1',
      contextId: '',
      status: { state: 'unknown' },
      x: 1,
      y: 3,
    });
  });

  it.each<[unknown, string]>([
    [null, 'result is no object'],
    [[], 'result is no object'],
    [{ id: 't-1', status: {} }, 'kind is none of an answer'],
    [{ kind: 'toString' }, 'kind is none of an answer'],
    [{ kind: 'task' }, 'status is missing'],
    [{ kind: 'task', status: 'completed' }, 'status is no object'],
    [{ kind: 'status-update', status: { state: 1 } }, 'status.state is no text'],
    [{ kind: 'artifact-update' }, 'artifact is missing'],
    [{ kind: 'task', status: {}, history: [{}, { parts: [1] }] }, 'history[1].parts[0] is no object'],
    [
      { kind: 'task', status: {}, artifacts: [{ parts: [{ kind: 'x' }] }] },
      'artifacts[0].parts[0].kind is no kind of part',
    ],
  ])('refuses what is no event of 0.3: %j', (event, problem) => {
    expect(failureOf(() => toCoreEvent(event))).toEqual({ code: 'upstream_response_invalid', problem });
  });

  it.each<[Record<string, unknown>, string]>([
    [{}, 'result has no payload'],
    [{ update: {} }, 'result has no payload'],
    [{ task: {}, message: {} }, 'result has two payloads'],
    [{ artifactUpdate: {} }, 'artifactUpdate.artifact is missing'],
    [{ task: { status: { state: {} } } }, 'task.status.state is no text'],
    [{ message: [] }, 'message is no object'],
  ])('refuses what is no event of 1.0: %j', (event, problem) => {
    expect(failureOf(() => fromCoreEvent(event, false))).toEqual({
      code: 'upstream_response_invalid',
      problem,
    });
  });
});
