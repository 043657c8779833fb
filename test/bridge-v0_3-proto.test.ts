import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../src/bridge/core-call.ts';
import { fromCoreRequest, toCoreRequest } from '../src/bridge/v0_3/proto/request.ts';
import { coreRequestOfRest, restRequestOf } from '../src/bridge/v0_3/proto/rest.ts';
import { fromCoreEvent, fromCoreResult, toCoreEvent, toCoreResult } from '../src/bridge/v0_3/proto/result.ts';
import { unwrap } from '../src/failure.ts';
import { operations } from '../src/protocol/operations.ts';
import { matchRest, parseRestBody, restPath } from '../src/protocol/rest.ts';
import { failureOf, operationNamed } from './support/bridge.ts';
import { json, oddObject, plainObject } from './support/bridge-arbitraries.ts';
import { coreArbitraries } from './support/bridge-core-arbitraries.ts';
import { sameInCore } from './support/bridge-losses.ts';
import type { Subject } from './support/bridge-same.ts';
import { cites } from './support/cites.ts';
import { type LegacyOperation, legacyOperations } from './support/legacy.ts';

/** Laws of the translation between 0.3 ProtoJSON and core, and of the HTTP requests made of it. */

const core = coreArbitraries(oddObject, true);
const plain = coreArbitraries(plainObject, false);
const answered = Object.keys(core.results) as readonly (keyof typeof core.results)[];
const anEvent: Subject = { operation: 'SendStreamingMessage', is: 'answer' };

describe('from core to 0.3 ProtoJSON and back', () => {
  beforeEach(() => cites('A2A-5.1-round-trip'));

  it.each(legacyOperations)('a request of %s is the same but for what is listed', (name) => {
    const operation = operationNamed(name);
    const subject: Subject = { operation: name, is: 'request' };
    const property = fc.property(core.requests[name], (request) => {
      const back = toCoreRequest(operation, fromCoreRequest(operation, request));
      expect(sameInCore(back, subject)).toEqual(sameInCore(request, subject));
    });
    fc.assert(property);
  });

  it.each(answered)('a result of %s is the same but for what is listed', (name) => {
    const operation = operationNamed(name);
    const subject: Subject = { operation: name, is: 'answer' };
    const property = fc.property(core.results[name], (result) => {
      const back = toCoreResult(operation, fromCoreResult(operation, result));
      expect(sameInCore(back, subject)).toEqual(sameInCore(result, subject));
    });
    fc.assert(property);
  });

  it('an event is the same but for what is listed', () => {
    const property = fc.property(core.events, fc.boolean(), (event, isFinal) => {
      const back = toCoreEvent(fromCoreEvent(event, isFinal));
      expect(sameInCore(back, anEvent)).toEqual(sameInCore(event, anEvent));
    });
    fc.assert(property);
  });

  it.each(answered)('a result of %s in 0.3 is the same after core', (name) => {
    const operation = operationNamed(name);
    const property = fc.property(plain.results[name], (result) => {
      const legacy = fromCoreResult(operation, result);
      expect(fromCoreResult(operation, toCoreResult(operation, legacy))).toEqual(legacy);
    });
    fc.assert(property);
  });
});

describe('a call over HTTP of 0.3', () => {
  it.each(legacyOperations)('of %s is read as it was made', (name: LegacyOperation) => {
    const operation = operationNamed(name);
    const subject: Subject = { operation: name, is: 'request' };
    const property = fc.property(plain.requests[name], (request) => {
      const { route, bindings, query, body } = restRequestOf({ operation, request });
      const match = unwrap(matchRest(route.method, restPath(route, bindings)));
      const text = body === undefined ? '' : JSON.stringify(body);
      const given = operation.body === 'none' ? undefined : unwrap(parseRestBody(text, match));
      const read = coreRequestOfRest(match, query.slice(1), given?.value);
      expect(match.operation).toBe(operation);
      expect(sameInCore(read, subject)).toEqual(sameInCore(request, subject));
    });
    fc.assert(property);
  });
});

describe('whatever is translated', () => {
  const names = [
    ...[
      'task',
      'message',
      'msg',
      'request',
      'statusUpdate',
      'artifact',
      'status',
      'content',
      'parts',
      'text',
      'file',
    ],
    ...[
      'data',
      'fileWithBytes',
      'raw',
      'url',
      'name',
      'parent',
      'config',
      'pushNotification',
      'configuration',
    ],
    ...[
      'pushNotificationConfig',
      'authentication',
      'schemes',
      'scheme',
      'blocking',
      'metadata',
      'id',
      'taskId',
    ],
    ...[
      'history',
      'artifacts',
      'update',
      'state',
      'role',
      'timestamp',
      'configs',
      '__proto__',
      'constructor',
    ],
  ];
  const odd: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      json,
      fc.constantFrom('tasks/t-1', 'tasks/t-1/pushNotificationConfigs/c-1', 'TASK_STATE_CANCELLED'),
      fc.array(tie('value'), { maxLength: 2 }),
      fc
        .array(fc.tuple(fc.constantFrom(...names), tie('value')), { maxLength: 5 })
        .map((entries) => Object.fromEntries(entries)),
    ),
  })).value;
  const object = odd.filter((value): value is JsonObject => typeof value === 'object' && value !== null);

  it('answers or refuses, and breaks nothing', () => {
    const operation = fc.constantFrom(...operations.filter(({ v0_3 }) => v0_3 !== undefined));
    const refused = ['parameter_invalid', 'upstream_response_invalid'];
    let answered = 0;
    const property = fc.property(operation, object, odd, (each, request, answer) => {
      const runs: (() => unknown)[] = [
        () => toCoreRequest(each, request),
        () => fromCoreRequest(each, request),
        () => restRequestOf({ operation: each, request }),
        () => toCoreEvent(answer),
        () => fromCoreEvent(request, true),
      ];
      if (!each.streams)
        runs.push(
          () => toCoreResult(each, answer),
          () => fromCoreResult(each, request),
        );
      for (const run of runs) {
        const outcome = failureOf(run) as { code?: string };
        if (refused.includes(outcome.code ?? '')) continue;
        answered++;
        expect(JSON.parse(JSON.stringify(outcome))).toEqual(outcome);
      }
    });
    fc.assert(property, { numRuns: 2_000 });
    expect(answered).toBeGreaterThan(100);
    expect({}).not.toHaveProperty('text');
  });

  it('keeps members that neither version knows, on every level', () => {
    const extra = { 'x-vendor': { deep: [1, null] } };
    const message = { messageId: 'm', role: 'ROLE_AGENT', content: [{ text: 'a', ...extra }], ...extra };
    const artifact = { artifactId: 'a', parts: [{ file: { fileWithUri: 'u' }, ...extra }], ...extra };
    const status = { state: 'TASK_STATE_WORKING', message, ...extra };
    const task = { id: 't', contextId: 'c', status, history: [message], artifacts: [artifact], ...extra };
    const send = operationNamed('SendMessage');
    expect(fromCoreResult(send, toCoreResult(send, { task, ...extra }))).toEqual({ task, ...extra });
    const configuration = { blocking: true, pushNotification: { url: 'u', ...extra }, ...extra };
    const request = { message, configuration, ...extra };
    expect(fromCoreRequest(send, toCoreRequest(send, request))).toEqual(request);
  });

  it('keeps states and roles it does not know, and marks in place of numbers', () => {
    const get = operationNamed('GetTask');
    const task = {
      id: 't',
      status: { state: 'TASK_STATE_PAUSED', x: '\u0000#1e400' },
      metadata: { n: '\u0000#1.0' },
    };
    expect(toCoreResult(get, task)).toEqual(task);
    expect(fromCoreResult(get, task)).toEqual(task);
    const request = { name: 'tasks/t', historyLength: '\u0000#1.0' };
    expect(toCoreRequest(get, request)).toEqual({ id: 't', historyLength: '\u0000#1.0' });
  });
});
