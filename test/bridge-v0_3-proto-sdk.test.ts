import {
  ListTaskPushNotificationConfigsResponse,
  SendMessageResponse,
  StreamResponse,
  Task,
  TaskPushNotificationConfig,
} from '@a2a-js/sdk';
import { LegacyRestTransport } from '@a2a-js/sdk/compat/v0_3/client';
import {
  PushNotificationNotSupportedError,
  TaskNotFoundError,
  UnsupportedOperationError,
} from '@a2a-js/sdk/errors';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { legacyRestAgentErrorBody } from '../src/bridge/v0_3/proto/error.ts';
import { coreRequestOfRest, restRequestOf } from '../src/bridge/v0_3/proto/rest.ts';
import { fromCoreEvent, fromCoreResult, toCoreEvent, toCoreResult } from '../src/bridge/v0_3/proto/result.ts';
import { unwrap } from '../src/failure.ts';
import { restFailureBody } from '../src/protocol/errors.ts';
import { isRecord } from '../src/protocol/json.ts';
import { matchRest, parseRestBody, restPath } from '../src/protocol/rest.ts';
import { operationNamed } from './support/bridge.ts';
import { type JsonObject, plainObject } from './support/bridge-arbitraries.ts';
import { coreArbitraries } from './support/bridge-core-arbitraries.ts';
import { everyObject, inOrder, type Same, type Subject, without } from './support/bridge-same.ts';
import {
  type CodedOperation,
  callThroughSdk,
  type LegacyRestSdk,
  requestCodecs,
  startLegacyRestSdk,
  throughSdk,
} from './support/legacy-rest-sdk.ts';

/** The translation of 0.3 ProtoJSON against the official SDK's server and client, over HTTP on loopback. */

const core = coreArbitraries(plainObject, false);
const operations = Object.keys(requestCodecs) as readonly CodedOperation[];
const runs = { numRuns: 40 };

/** The SDK reads a part of data that is null as a part of nothing, and refuses it. */
function isKnownToSdk(value: unknown): boolean {
  let isKnown = true;
  everyObject((object) => {
    if (object.data === null) isKnown = false;
    return object;
  })(value, { operation: 'SendMessage', is: 'answer' });
  return isKnown;
}

let sdk: LegacyRestSdk;
beforeAll(async () => {
  sdk = await startLegacyRestSdk();
});
afterAll(() => sdk.close());

const isPart = (object: JsonObject) =>
  ['text', 'raw', 'url', 'data', 'file'].some((name) => name in object) && !('scheme' in object);

/** What the SDK drops over HTTP in 0.3, and the bridge keeps. */
const sdkLosses: Same = inOrder(
  everyObject((object) => {
    if (!isPart(object)) return object;
    const { metadata: _, filename: __, ...others } = object;
    if ('raw' in object || 'url' in object || 'file' in object) return others;
    const { mediaType: ___, ...kept } = others;
    return kept;
  }),
  without(
    (name, _value, object) => name === 'name' && ('fileWithUri' in object || 'fileWithBytes' in object),
  ),
  without((name) => name === 'referenceTaskIds'),
);

/** What it reads of an artifact and of its update, too. */
const sdkLossesOfArtifacts: Same = inOrder(
  without((name, _value, object) => name === 'extensions' && 'artifactId' in object),
  without((name, _value, object) => name === 'append' && 'artifact' in object),
);

/** Members it leaves out where they hold the default of the proto. */
const defaults: Same = without((name, value) => {
  if (['text', 'fileWithBytes', 'fileWithUri'].includes(name)) return false;
  return value === '' || value === false || (Array.isArray(value) && value.length === 0);
});

function asSubject(operation: CodedOperation, is: Subject['is']): Subject {
  return { operation, is };
}

/** With a configuration, for the SDK says without one nothing about waiting, and the bridge does. */
function asked(operation: CodedOperation, request: JsonObject): JsonObject {
  return 'message' in request && operation === 'SendMessage'
    ? { ...request, configuration: request.configuration ?? {} }
    : request;
}

/** What a request says, as far as the SDK reads it over HTTP in 0.3. */
function heard(operation: CodedOperation, request: unknown): unknown {
  const subject = asSubject(operation, 'request');
  const json = sdkLosses(throughSdk<never>(requestCodecs[operation] as never, request), subject);
  if (!isRecord(json)) throw new TypeError('no request');
  const { configuration, ...others } = json;
  if (operation === 'CancelTask') return { id: others.id };
  if (!isRecord(configuration)) return others;
  const { historyLength: _, returnImmediately, ...about } = configuration;
  return operation === 'SendMessage'
    ? { ...others, configuration: { ...about, returnImmediately } }
    : { ...others, configuration: about };
}

/** An answer with which the client is content. */
const contentAnswer: Readonly<Record<CodedOperation, JsonObject | JsonObject[]>> = {
  SendMessage: { task: { id: 't', contextId: 'c', status: {} } },
  SendStreamingMessage: [],
  GetTask: { id: 't', contextId: 'c', status: {} },
  CancelTask: { id: 't', contextId: 'c', status: {} },
  SubscribeToTask: [],
  CreateTaskPushNotificationConfig: { taskId: 't', id: 'c', url: 'u' },
  GetTaskPushNotificationConfig: { taskId: 't', id: 'c', url: 'u' },
  ListTaskPushNotificationConfigs: { configs: [] },
  DeleteTaskPushNotificationConfig: {},
};

describe('a request', () => {
  it.each(operations)('of %s is read from the SDK’s client as the SDK’s server reads it', async (name) => {
    sdk.answer = contentAnswer[name];
    const property = fc.asyncProperty(core.requests[name].filter(isKnownToSdk), async (request) => {
      await callThroughSdk(sdk, name, request);
      const { method = '', target = '', body = '' } = sdk.exchanges.splice(0)[0] ?? {};
      const [read] = sdk.read.splice(0);
      const [path = '', query = ''] = target.split('?');
      const match = unwrap(matchRest(method, path));
      const given = match.operation.body === 'none' ? undefined : unwrap(parseRestBody(body, match));
      expect(match.operation.name).toBe(name);
      expect(heard(name, coreRequestOfRest(match, query, given?.value))).toEqual(heard(name, read));
    });
    await fc.assert(property, runs);
  });

  it.each(operations)(
    'of %s is written so that the SDK’s server reads what its client writes',
    async (name) => {
      sdk.answer = contentAnswer[name];
      const property = fc.asyncProperty(core.requests[name].filter(isKnownToSdk), async (given) => {
        const request = asked(name, given);
        await callThroughSdk(sdk, name, request);
        const [fromSdk] = sdk.read.splice(0);
        const { route, bindings, query, body } = restRequestOf({ operation: operationNamed(name), request });
        const response = await fetch(sdk.url + restPath(route, bindings) + query, {
          method: route.method,
          headers: { 'content-type': 'application/json' },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        await response.text();
        const [fromBridge] = sdk.read.splice(0);
        expect(heard(name, fromBridge)).toEqual(heard(name, fromSdk));
      });
      await fc.assert(property, runs);
      sdk.exchanges.splice(0);
    },
  );
});

type Answered = Exclude<CodedOperation, 'SendStreamingMessage' | 'SubscribeToTask'>;

const resultCodecs = {
  SendMessage: SendMessageResponse,
  GetTask: Task,
  CancelTask: Task,
  CreateTaskPushNotificationConfig: TaskPushNotificationConfig,
  GetTaskPushNotificationConfig: TaskPushNotificationConfig,
  ListTaskPushNotificationConfigs: ListTaskPushNotificationConfigsResponse,
} as const;

const request: Readonly<Record<Exclude<CodedOperation, 'SubscribeToTask'>, JsonObject>> = {
  SendMessage: { message: { messageId: 'm', role: 'ROLE_USER', parts: [] } },
  SendStreamingMessage: { message: { messageId: 'm', role: 'ROLE_USER', parts: [] } },
  GetTask: { id: 't' },
  CancelTask: { id: 't' },
  CreateTaskPushNotificationConfig: { taskId: 't', url: 'u' },
  GetTaskPushNotificationConfig: { taskId: 't', id: 'c' },
  ListTaskPushNotificationConfigs: { taskId: 't' },
  DeleteTaskPushNotificationConfig: { taskId: 't', id: 'c' },
};

describe('a result', () => {
  it.each(Object.keys(resultCodecs) as (keyof typeof resultCodecs)[])(
    'of %s is written as the SDK’s server writes it, and read as its client reads it',
    async (name: Exclude<Answered, 'DeleteTaskPushNotificationConfig'>) => {
      const operation = operationNamed(name);
      const subject = asSubject(name, 'answer');
      const codec = resultCodecs[name] as never; // One of several, each with the types of its own message.
      const property = fc.asyncProperty(core.results[name].filter(isKnownToSdk), async (result) => {
        sdk.answer = result;
        const readBySdk = await callThroughSdk(sdk, name, request[name]);
        const { answer = '' } = sdk.exchanges.splice(0)[0] ?? {};
        const writtenBySdk: unknown = JSON.parse(answer);
        const written = inOrder(sdkLosses, defaults)(fromCoreResult(operation, result), subject);
        expect(written).toEqual(defaults(writtenBySdk, subject));
        const read = throughSdk<never>(codec, toCoreResult(operation, writtenBySdk));
        expect(sdkLossesOfArtifacts(read, subject)).toEqual(throughSdk<never>(codec, readBySdk));
      });
      await fc.assert(property, runs);
      sdk.read.splice(0);
    },
  );
});

const terminal = ['COMPLETED', 'CANCELED', 'FAILED', 'REJECTED'].map((state) => `TASK_STATE_${state}`);

/** The SDK says of an update that it is the last by its state. */
function isFinalToSdk({ statusUpdate }: JsonObject): boolean {
  const status = isRecord(statusUpdate) ? statusUpdate.status : undefined;
  return isRecord(status) && terminal.includes(String(status.state));
}

describe('an event', () => {
  it('is written as the SDK’s server writes it, and read as its client reads it', async () => {
    const subject = asSubject('SendStreamingMessage', 'answer');
    const property = fc.asyncProperty(
      fc.array(core.events.filter(isKnownToSdk), { maxLength: 3 }),
      async (events) => {
        sdk.answer = events;
        const readBySdk = await callThroughSdk(sdk, 'SendStreamingMessage', request.SendStreamingMessage);
        const { answer = '' } = sdk.exchanges.splice(0)[0] ?? {};
        const writtenBySdk = [...answer.matchAll(/^data: (.*)$/gm)].map(([, data = '']): unknown =>
          JSON.parse(data),
        );
        const written = events.map((event) => fromCoreEvent(event, isFinalToSdk(event)));
        expect(inOrder(sdkLosses, defaults)(written, subject)).toEqual(defaults(writtenBySdk, subject));
        const read = writtenBySdk.map((event) => throughSdk(StreamResponse, toCoreEvent(event)));
        const expected = (readBySdk as unknown[]).map((event) => throughSdk(StreamResponse, event));
        expect(sdkLossesOfArtifacts(read, subject)).toEqual(expected);
      },
    );
    await fc.assert(property, runs);
    sdk.read.splice(0);
  });
});

describe('an error', () => {
  function clientAnswered(status: number, body: string): LegacyRestTransport {
    const fetchImpl = async () => new Response(body, { status });
    return new LegacyRestTransport({ endpoint: 'http://127.0.0.1:1', fetchImpl });
  }

  it('of ours is to the SDK’s client the one it is', async () => {
    const get = (client: LegacyRestTransport) => client.cancelTask({ id: 't', tenant: '', metadata: {} });
    const push = clientAnswered(400, restFailureBody({ code: 'push_unsupported' }, '0.3'));
    await expect(get(push)).rejects.toThrow(PushNotificationNotSupportedError);
    const stream = clientAnswered(
      400,
      restFailureBody({ code: 'operation_unsupported', capability: 'x' }, '0.3'),
    );
    await expect(get(stream)).rejects.toThrow(UnsupportedOperationError);
  });

  it('of an agent is so too', async () => {
    const body = legacyRestAgentErrorBody({
      reason: 'TASK_NOT_FOUND',
      rpcCode: -32001,
      status: 'NOT_FOUND',
      httpStatus: 404,
      message: 'no such task',
      details: [],
    });
    const call = clientAnswered(404, body).getTask({ id: 't', tenant: '' });
    await expect(call).rejects.toThrow(TaskNotFoundError);
  });
});
