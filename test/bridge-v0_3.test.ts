import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { fromCoreEvent, toCoreEvent } from '../src/bridge/v0_3/event.ts';
import { fromCoreRequest, toCoreRequest } from '../src/bridge/v0_3/request.ts';
import { fromCoreResult, toCoreResult } from '../src/bridge/v0_3/result.ts';
import { GatewayError } from '../src/failure.ts';
import { operationNamed } from './support/bridge.ts';
import { type JsonObject, json, oddObject } from './support/bridge-arbitraries.ts';
import { coreArbitraries } from './support/bridge-core-arbitraries.ts';
import { legacyArbitraries } from './support/bridge-legacy-arbitraries.ts';
import { losses, sameIn0_3, sameInCore } from './support/bridge-losses.ts';
import { inOrder, type Same, type Subject } from './support/bridge-same.ts';
import { cites } from './support/cites.ts';
import { type LegacyOperation, legacyOperations } from './support/legacy.ts';

const legacy = legacyArbitraries(oddObject, true);
const core = coreArbitraries(oddObject, true);

type Answered = keyof typeof legacy.results;
const answered = Object.keys(legacy.results) as readonly Answered[]; // Of an object literal.

/** From one version to the other and back. */
interface Journey {
  title: string;
  subject: Subject;
  values: fc.Arbitrary<unknown>;
  back(value: JsonObject): unknown;
}

const from0_3: readonly Journey[] = [
  ...legacyOperations.map((name) => ({
    ...requestOf(name),
    values: legacy.requests[name],
    back: (params: JsonObject) =>
      fromCoreRequest(operationNamed(name), toCoreRequest(operationNamed(name), params)),
  })),
  ...answered.map((name) => ({
    ...answerOf(name),
    values: legacy.results[name],
    back: (result: JsonObject) =>
      fromCoreResult(operationNamed(name), toCoreResult(operationNamed(name), result)),
  })),
  {
    ...answerOf('SendStreamingMessage'),
    values: legacy.events,
    back: (event) => fromCoreEvent(toCoreEvent(event), event.final === true),
  },
];

const fromCore: readonly Journey[] = [
  ...legacyOperations.map((name) => ({
    ...requestOf(name),
    values: core.requests[name],
    back: (request: JsonObject) =>
      toCoreRequest(operationNamed(name), fromCoreRequest(operationNamed(name), request)),
  })),
  ...answered.map((name) => ({
    ...answerOf(name),
    values: core.results[name],
    back: (result: JsonObject) =>
      toCoreResult(operationNamed(name), fromCoreResult(operationNamed(name), result)),
  })),
  {
    ...answerOf('SendStreamingMessage'),
    values: core.events,
    back: (event) => toCoreEvent(fromCoreEvent(event, false)),
  },
];

function requestOf(operation: LegacyOperation): Pick<Journey, 'title' | 'subject'> {
  return { title: `a request of ${operation}`, subject: { operation, is: 'request' } };
}

function answerOf(operation: LegacyOperation): Pick<Journey, 'title' | 'subject'> {
  return { title: `an answer to ${operation}`, subject: { operation, is: 'answer' } };
}

/** What comes back is what went in, but for what `same` takes for the same. */
function comesBack({ subject, values, back }: Journey, same: Same): fc.IProperty<[unknown]> {
  return fc.property(values, (value) => {
    const given = value as JsonObject; // A translator refuses what is no object, and a list or null is translated too.
    expect(same(back(given), subject)).toEqual(same(value, subject));
  });
}

describe('0.3 to 1.0 and back', () => {
  beforeEach(() => cites('A2A-5.1-round-trip'));

  it.each(from0_3)('keeps $title', (journey) => {
    fc.assert(comesBack(journey, sameIn0_3));
  });
});

describe('1.0 to 0.3 and back', () => {
  beforeEach(() => cites('A2A-5.1-round-trip'));

  it.each(fromCore)('keeps $title', (journey) => {
    fc.assert(comesBack(journey, sameInCore));
  });
});

describe('the list of losses', () => {
  const seen = losses.flatMap(({ what, in0_3, inCore }) => [
    ...(in0_3 === undefined ? [] : [{ what, journeys: from0_3, side: 'in0_3' as const }]),
    ...(inCore === undefined ? [] : [{ what, journeys: fromCore, side: 'inCore' as const }]),
  ]);

  it.each(seen)('has nothing that comes through: $what, seen $side', ({ what, journeys, side }) => {
    const others = losses.filter((loss) => loss.what !== what);
    const same = inOrder(...others.flatMap((loss) => loss[side] ?? []));
    const isLost = journeys.some(
      (journey) => fc.check(comesBack(journey, same), { seed: 1, numRuns: 300, endOnFailure: true }).failed,
    );
    expect(isLost).toBe(true);
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

/** All that is translated for an operation, whatever the value is. */
function translations(name: LegacyOperation, value: unknown, isFinal: boolean): readonly (() => unknown)[] {
  const operation = operationNamed(name);
  const given = value as JsonObject; // What a caller's or an agent's JSON is, nobody knows.
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
