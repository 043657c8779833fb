import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromCoreEvent, toCoreEvent } from '../src/bridge/v0_3/event.ts';
import { fromCoreRequest, toCoreRequest } from '../src/bridge/v0_3/request.ts';
import { fromCoreResult, toCoreResult } from '../src/bridge/v0_3/result.ts';
import { GatewayError } from '../src/failure.ts';
import { operationNamed } from './support/bridge.ts';
import { json, oddObject } from './support/bridge-arbitraries.ts';
import { coreArbitraries } from './support/bridge-core-arbitraries.ts';
import { legacyArbitraries } from './support/bridge-legacy-arbitraries.ts';
import { sameIn0_3, sameInCore } from './support/bridge-losses.ts';
import type { Subject } from './support/bridge-same.ts';
import { type LegacyOperation, legacyOperations } from './support/legacy.ts';

const legacy = legacyArbitraries(oddObject, true);
const core = coreArbitraries(oddObject, true);
const anEvent: Subject = { operation: 'SendStreamingMessage', is: 'answer' };

type Answered = keyof typeof legacy.results;
const answered = Object.keys(legacy.results) as readonly Answered[];

describe('0.3 to 1.0 and back', () => {
  it.each(legacyOperations)('keeps a request of %s', (name) => {
    const operation = operationNamed(name);
    const subject: Subject = { operation: name, is: 'request' };
    fc.assert(
      fc.property(legacy.requests[name], (params) => {
        const back = fromCoreRequest(operation, toCoreRequest(operation, params));
        expect(sameIn0_3(back, subject)).toEqual(sameIn0_3(params, subject));
      }),
    );
  });

  it.each(answered)('keeps a result of %s', (name) => {
    const operation = operationNamed(name);
    const subject: Subject = { operation: name, is: 'answer' };
    fc.assert(
      fc.property(legacy.results[name], (result) => {
        const back = fromCoreResult(operation, toCoreResult(operation, result));
        expect(sameIn0_3(back, subject)).toEqual(sameIn0_3(result, subject));
      }),
    );
  });

  it('keeps an event', () => {
    fc.assert(
      fc.property(legacy.events, (event) => {
        const back = fromCoreEvent(toCoreEvent(event), event.final === true);
        expect(back.kind).toBe(event.kind);
        expect(sameIn0_3(back, anEvent)).toEqual(sameIn0_3(event, anEvent));
      }),
    );
  });
});

describe('1.0 to 0.3 and back', () => {
  it.each(legacyOperations)('keeps a request of %s', (name) => {
    const operation = operationNamed(name);
    const subject: Subject = { operation: name, is: 'request' };
    fc.assert(
      fc.property(core.requests[name], (request) => {
        const back = toCoreRequest(operation, fromCoreRequest(operation, request));
        expect(sameInCore(back, subject)).toEqual(sameInCore(request, subject));
      }),
    );
  });

  it.each(answered)('keeps a result of %s', (name) => {
    const operation = operationNamed(name);
    const subject: Subject = { operation: name, is: 'answer' };
    fc.assert(
      fc.property(core.results[name], (result) => {
        const back = toCoreResult(operation, fromCoreResult(operation, result));
        expect(sameInCore(back, subject)).toEqual(sameInCore(result, subject));
      }),
    );
  });

  it('keeps an event', () => {
    fc.assert(
      fc.property(core.events, fc.boolean(), (event, isFinal) => {
        const back = toCoreEvent(fromCoreEvent(event, isFinal));
        expect(sameInCore(back, anEvent)).toEqual(sameInCore(event, anEvent));
      }),
    );
  });
});

const scalar = fc.constantFrom<unknown>(null, '', 'user', 'working', 1, -0, true, 'Bearer');
const anyName = fc.constantFrom(
  ...['kind', 'message', 'parts', 'text', 'raw', 'url', 'data', 'file', 'bytes', 'uri', 'metadata', 'role'],
  ...['status', 'state', 'task', 'statusUpdate', 'artifactUpdate', 'artifact', 'artifacts', 'history', 'id'],
  ...['taskId', 'configuration', 'pushNotificationConfig', 'taskPushNotificationConfig', 'authentication'],
  ...[
    'schemes',
    'scheme',
    'configs',
    'blocking',
    'returnImmediately',
    'timestamp',
    '__proto__',
    'constructor',
  ],
);

/** The protocol's names in the wrong places. */
const hostile: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 5 }, scalar, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
  object: fc.oneof(
    fc.dictionary(anyName, tie('value'), { maxKeys: 6 }),
    fc
      .record({ kind: fc.constantFrom('task', 'message', 'status-update', 'text', 'file', 'data') })
      .chain((kind) =>
        fc.dictionary(anyName, tie('value'), { maxKeys: 4 }).map((others) => ({ ...others, ...kind })),
      ),
  ),
})).value;

type Loose = Record<string, unknown>;

/** All that is translated for an operation, whatever the value is. */
function translations(name: LegacyOperation, value: unknown, isFinal: boolean): readonly (() => unknown)[] {
  const operation = operationNamed(name);
  const given = value as Loose; // What a caller's or an agent's JSON is, nobody knows.
  const both = [() => toCoreRequest(operation, given), () => fromCoreRequest(operation, given)];
  return operation.streams
    ? [...both, () => toCoreEvent(value), () => fromCoreEvent(given, isFinal)]
    : [...both, () => toCoreResult(operation, value), () => fromCoreResult(operation, given)];
}

function outcomeOf(run: () => unknown): unknown {
  try {
    JSON.stringify(run());
    return 'translated';
  } catch (error) {
    return error instanceof GatewayError ? error.failure.code : error;
  }
}

describe('what is no A2A', () => {
  it.each(legacyOperations)('is refused or translated, and nothing else happens: %s', (name) => {
    const outcomes = ['translated', 'parameter_invalid', 'upstream_response_invalid'];
    fc.assert(
      fc.property(fc.oneof(json, hostile), fc.boolean(), (value, isFinal) => {
        for (const run of translations(name, value, isFinal)) expect(outcomes).toContain(outcomeOf(run));
      }),
      { numRuns: 300 },
    );
  });
});
