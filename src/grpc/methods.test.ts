import { LegacyA2AService } from '@a2a-js/sdk/compat/v0_3/server/grpc';
import { A2AService } from '@a2a-js/sdk/server/grpc';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OperationName } from '../protocol/operations.ts';
import { servedVersions } from '../protocol/version.ts';
import * as v1 from './messages.ts';
import * as v0_3 from './messages-v0_3.ts';
import { grpcMethod, grpcMethods } from './methods.ts';
import type { Field, ItemKind, MessageType } from './schema.ts';

/** The official SDK's services, which hold each message's codec. */
interface OfficialMethod {
  path: string;
  responseStream: boolean;
  requestSerialize(value: unknown): Buffer;
  requestDeserialize(bytes: Buffer): unknown;
  responseSerialize(value: unknown): Buffer;
  responseDeserialize(bytes: Buffer): unknown;
}
const official: Readonly<Record<string, Readonly<Record<string, OfficialMethod>>>> = {
  '1.0': A2AService as never,
  '0.3': LegacyA2AService as never,
};

function officialMethod(path: string, version: string): OfficialMethod {
  const found = Object.values(official[version] ?? {}).find((method) => method.path === path);
  if (found === undefined) throw new Error(`the SDK has no ${path}`);
  return found;
}

const text = fc.string({ minLength: 1, unit: 'grapheme' }).filter((value) => !/\p{Surrogate}/u.test(value));
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0 || 0);
const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, number, text, fc.boolean(), fc.constant(null), tie('list'), tie('struct')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  struct: fc.dictionary(text, tie('value'), { maxKeys: 3 }),
}));
/** None before the epoch: the SDK writes those with a negative fraction, which is no Timestamp. */
const instant = fc
  .date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
  .map((date) => date.toISOString().replace('.000Z', 'Z'));

/** Any message of a type in ProtoJSON, without members that have their default. */
function messageArbitrary(type: MessageType): fc.Arbitrary<Record<string, unknown>> {
  const members = type.fields.map((field) => fc.option(fieldArbitrary(field), { nil: undefined }));
  return fc.tuple(...members).map((values) => {
    const message: Record<string, unknown> = {};
    const chosen = new Set<string>();
    for (const [index, field] of type.fields.entries()) {
      const value = values[index];
      if (value === undefined || (field.oneOf !== undefined && chosen.has(field.oneOf))) continue;
      if (field.oneOf !== undefined) chosen.add(field.oneOf);
      message[field.name] = value;
    }
    for (const { name, otherwise } of type.fields)
      if (!(name in message) && otherwise) message[name] = otherwise();
    return message;
  });
}

function fieldArbitrary({ shape, kind }: Field): fc.Arbitrary<unknown> {
  const item = itemArbitrary(kind);
  if (shape === 'list') return fc.array(item, { minLength: 1, maxLength: 2 });
  return shape === 'map' ? fc.dictionary(text, item, { minKeys: 1, maxKeys: 2 }) : item;
}

function itemArbitrary(kind: ItemKind): fc.Arbitrary<unknown> {
  if (typeof kind === 'object') {
    if ('names' in kind) return fc.constantFrom(...[...kind.numbers.keys()].slice(1));
    return messageArbitrary(kind);
  }
  return {
    string: text,
    bytes: fc.uint8Array({ minLength: 1 }).map((bytes) => Buffer.from(bytes).toString('base64')),
    bool: fc.constant(true),
    int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }).filter((value) => value !== 0),
    struct: fc.dictionary(text, json, { maxKeys: 3 }),
    value: json.filter((value) => value !== null),
    timestamp: instant,
  }[kind];
}

const types: Readonly<Record<string, readonly [string, OperationName, 'request' | 'result', MessageType]>> = {
  'a sent message': ['1.0', 'SendMessage', 'request', v1.sendMessageRequest],
  'the answer to one': ['1.0', 'SendMessage', 'result', v1.sendMessageResponse],
  'an event': ['1.0', 'SubscribeToTask', 'result', v1.streamResponse],
  'a question for a task': ['1.0', 'GetTask', 'request', v1.getTaskRequest],
  'a question for tasks': ['1.0', 'ListTasks', 'request', v1.listTasksRequest],
  'a list of tasks': ['1.0', 'ListTasks', 'result', v1.listTasksResponse],
  'a cancellation': ['1.0', 'CancelTask', 'request', v1.cancelTaskRequest],
  'a subscription': ['1.0', 'SubscribeToTask', 'request', v1.subscribeToTaskRequest],
  'a push configuration': ['1.0', 'CreateTaskPushNotificationConfig', 'request', v1.pushConfig],
  'a question for one': ['1.0', 'GetTaskPushNotificationConfig', 'request', v1.pushConfigRequest],
  'a question for some': ['1.0', 'ListTaskPushNotificationConfigs', 'request', v1.listPushConfigsRequest],
  'a list of them': ['1.0', 'ListTaskPushNotificationConfigs', 'result', v1.listPushConfigsResponse],
  'a card': ['1.0', 'GetExtendedAgentCard', 'result', v1.agentCard],
  'a sent message of 0.3': ['0.3', 'SendMessage', 'request', v0_3.sendMessageRequest],
  'the answer to one of 0.3': ['0.3', 'SendMessage', 'result', v0_3.sendMessageResponse],
  'an event of 0.3': ['0.3', 'SubscribeToTask', 'result', v0_3.streamResponse],
  'a question for a task of 0.3': ['0.3', 'GetTask', 'request', v0_3.getTaskRequest],
  'a cancellation of 0.3': ['0.3', 'CancelTask', 'request', v0_3.nameRequest],
  'a push configuration of 0.3': [
    '0.3',
    'CreateTaskPushNotificationConfig',
    'request',
    v0_3.createPushConfigRequest,
  ],
  'a question for some of 0.3': [
    '0.3',
    'ListTaskPushNotificationConfigs',
    'request',
    v0_3.listPushConfigsRequest,
  ],
  'a list of them of 0.3': ['0.3', 'ListTaskPushNotificationConfigs', 'result', v0_3.listPushConfigsResponse],
  'a card of 0.3': ['0.3', 'GetExtendedAgentCard', 'result', v0_3.agentCard],
};

describe('the methods of gRPC', () => {
  it('are the official ones, each with its path and its way to answer', () => {
    for (const version of servedVersions) {
      const ours = grpcMethods(version).map(({ path, streams }) => [path, streams]);
      const theirs = Object.values(official[version] ?? {}).map(({ path, responseStream }) => [
        path,
        responseStream,
      ]);
      expect(ours.sort()).toEqual(theirs.sort());
      expect(ours.length).toBe(version === '1.0' ? 11 : 10);
    }
  });
});

describe.each(Object.entries(types))('%s', (_, [version, operation, side, type]) => {
  const method = grpcMethod(operation, version as '1.0');
  if (method === undefined) throw new Error(operation);
  const theirs = officialMethod(method.path, version);
  const [encode, decode] =
    side === 'request'
      ? [method.encodeRequest, method.decodeRequest]
      : [method.encodeResult, method.decodeResult];

  it('comes back as it was', () => {
    fc.assert(
      fc.property(messageArbitrary(type), (message) => {
        expect(decode(encode(message))).toEqual(message);
      }),
    );
  });

  it('is read by the official codec, and what that writes is read here', () => {
    const relay = (bytes: Buffer) =>
      side === 'request'
        ? theirs.requestSerialize(theirs.requestDeserialize(bytes))
        : theirs.responseSerialize(theirs.responseDeserialize(bytes));
    fc.assert(
      fc.property(messageArbitrary(type), (message) => {
        // A member the SDK loses.
        fc.pre(!JSON.stringify(message).includes('"__proto__"'));
        expect(decode(relay(Buffer.from(encode(message))))).toEqual(message);
      }),
    );
  });

  it('is never anything but a failure where the bytes are rubbish', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decode(bytes);
        } catch (error) {
          expect(error).toHaveProperty(
            'failure.code',
            side === 'request' ? 'body_malformed' : 'upstream_response_invalid',
          );
        }
      }),
    );
  });
});
