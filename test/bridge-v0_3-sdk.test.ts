import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromCoreEvent, toCoreEvent } from '../src/bridge/v0_3/event.ts';
import { fromCoreRequest, toCoreRequest } from '../src/bridge/v0_3/request.ts';
import { fromCoreResult, toCoreResult } from '../src/bridge/v0_3/result.ts';
import { isRecord } from '../src/protocol/json.ts';
import { operationNamed } from './support/bridge.ts';
import { type JsonObject, plainObject } from './support/bridge-arbitraries.ts';
import { coreArbitraries } from './support/bridge-core-arbitraries.ts';
import { legacyArbitraries } from './support/bridge-legacy-arbitraries.ts';
import { everyObject, inOrder, ofRequests, type Same, type Subject, without } from './support/bridge-same.ts';
import { answerBySdk, bySdkClient, bySdkServer, type Compared, requestBySdk } from './support/bridge-sdk.ts';
import { legacyOperations } from './support/legacy.ts';

/** The bridge beside that of the official SDK, in what both keep. Where they differ on purpose, the equality says how. */

const legacy = legacyArbitraries(plainObject, false);
const core = coreArbitraries(plainObject, false);

const compared = legacyOperations.filter((name): name is Compared => name !== 'GetExtendedAgentCard');

const isEmptyList: Same = without((_, value) => Array.isArray(value) && value.length === 0);

/** What the SDK drops of a part: we keep its media type and its name in the metadata. */
const keptInMetadata: Same = everyObject((object) => {
  const { metadata, ...others } = object;
  if (!isRecord(metadata) || !('kind' in object)) return object;
  const left = Object.entries(metadata).filter(([name]) => !name.startsWith('a2a-gateway:'));
  return left.length > 0 ? { ...others, metadata: Object.fromEntries(left) } : others;
});

const sameParams: Same = inOrder(
  isEmptyList,
  keptInMetadata,
  // The SDK says of a stream that it waits, and of a send only where there is a configuration.
  ofRequests(['SendMessage', 'SendStreamingMessage'], ({ configuration, ...others }) => ({
    ...others,
    configuration: { blocking: true, ...(isRecord(configuration) && configuration) },
  })),
);

const sameRequest: Same = inOrder(
  // The SDK has an agent return at once where a configuration does not say `blocking`; we leave the default of 1.0.
  ofRequests(['SendMessage', 'SendStreamingMessage'], ({ configuration, ...others }) => {
    if (!isRecord(configuration)) return others;
    const { returnImmediately: _, ...configured } = configuration;
    return { ...others, configuration: configured };
  }),
  // The SDK leaves the id out, and then finds no configuration without one.
  ofRequests(['CreateTaskPushNotificationConfig'], (request) => ({ id: request.taskId, ...request })),
);

const sameResult: Same = inOrder(
  isEmptyList,
  keptInMetadata,
  // The SDK takes `final` from the state; we from the end of the stream. It spells out what is false by default.
  without(
    (name, value) => name === 'final' || ((name === 'append' || name === 'lastChunk') && value === false),
  ),
);

function resultsOf(name: Compared): fc.Arbitrary<unknown> {
  return name === 'SendStreamingMessage' || name === 'SubscribeToTask' ? legacy.events : legacy.results[name];
}

function answersOf(name: Compared): fc.Arbitrary<JsonObject> {
  return name === 'SendStreamingMessage' || name === 'SubscribeToTask' ? core.events : core.results[name];
}

function toCoreAnswer(name: Compared, result: unknown): JsonObject {
  const operation = operationNamed(name);
  return operation.streams ? toCoreEvent(result) : toCoreResult(operation, result);
}

function fromCoreAnswer(name: Compared, answer: JsonObject): unknown {
  const operation = operationNamed(name);
  return operation.streams ? fromCoreEvent(answer, false) : fromCoreResult(operation, answer);
}

describe.each(compared)('%s, as the official SDK translates it', (name) => {
  const operation = operationNamed(name);
  const aRequest: Subject = { operation: name, is: 'request' };
  const anAnswer: Subject = { operation: name, is: 'answer' };

  it('from a caller of 0.3 to an agent of 1.0', async () => {
    await fc.assert(
      fc.asyncProperty(legacy.requests[name], answersOf(name), async (params, answer) => {
        const sdk = await bySdkServer(name, params, answer);
        const request = requestBySdk(name, toCoreRequest(operation, params));
        expect(sameRequest(request, aRequest)).toEqual(sameRequest(sdk.request, aRequest));
        expect(sameResult(fromCoreAnswer(name, answer), anAnswer)).toEqual(sameResult(sdk.result, anAnswer));
      }),
    );
  });

  it('from a caller of 1.0 to an agent of 0.3', async () => {
    await fc.assert(
      fc.asyncProperty(core.requests[name], resultsOf(name), async (request, result) => {
        const sdk = await bySdkClient(name, request, result);
        const params = fromCoreRequest(operation, request);
        expect(sameParams(params, aRequest)).toEqual(sameParams(sdk.params, aRequest));
        expect(answerBySdk(name, toCoreAnswer(name, result))).toEqual(sdk.answer);
      }),
    );
  });
});
