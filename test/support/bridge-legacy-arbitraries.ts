import fc from 'fast-check';
import {
  bytes,
  count,
  flag,
  json,
  metadata,
  name,
  type ObjectOf,
  type Objects,
  some,
  text,
} from './bridge-arbitraries.ts';
import type { LegacyOperation } from './legacy.ts';

/** Requests, answers and events as 0.3 JSON-RPC spells them (0.3 §6, §7). */
export interface LegacyArbitraries {
  requests: Readonly<Record<LegacyOperation, Objects>>;
  results: Readonly<
    Record<Exclude<LegacyOperation, 'SendStreamingMessage' | 'SubscribeToTask'>, fc.Arbitrary<unknown>>
  >;
  events: Objects;
}

const states = ['unknown', 'submitted', 'working', 'completed', 'failed', 'canceled'].concat([
  'input-required',
  'rejected',
  'auth-required',
]);

/** @param isOdd whether also as peers may spell them: see `oddObject` */
export function legacyArbitraries(object: ObjectOf, isOdd: boolean): LegacyArbitraries {
  const odd = <T>(value: fc.Arbitrary<T>, ...others: T[]): fc.Arbitrary<T> =>
    isOdd ? fc.oneof({ weight: 4, arbitrary: value }, ...others.map((one) => fc.constant(one))) : value;

  const partMetadata = isOdd
    ? fc.oneof(metadata, fc.record({ 'a2a-gateway:mediaType': name }), fc.record({ data_part_compat: flag }))
    : metadata;
  const about = { mimeType: name, name };
  const part = fc.oneof(
    object({ kind: fc.constant('text'), text }, { metadata: partMetadata }),
    object(
      { kind: fc.constant('data'), data: fc.oneof(metadata, fc.record({ value: json })) },
      { metadata: partMetadata },
    ),
    object({ kind: fc.constant('file'), file: object({ bytes }, about) }, { metadata }),
    object({ kind: fc.constant('file'), file: object({ uri: name }, about) }, { metadata }),
  );
  const aMessage = (required: Record<string, fc.Arbitrary<unknown>>, optional = {}) =>
    object(
      {
        messageId: name,
        role: odd(fc.constantFrom('user', 'agent'), 'narrator'),
        parts: some(part),
        ...required,
      },
      {
        contextId: odd(name, ''),
        taskId: odd(name, ''),
        metadata,
        extensions: some(name),
        referenceTaskIds: some(name),
        ...optional,
      },
    );
  const named = { kind: fc.constant('message') };
  const message = isOdd ? aMessage({}, named) : aMessage(named);
  const artifact = object(
    { artifactId: name, parts: some(part) },
    { name: odd(name, ''), description: name, metadata, extensions: some(name) },
  );
  const timestamp = odd(
    fc.constantFrom('2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00+02:00'),
    '2026-01-01T00:00:00.5',
  );
  const status = object({ state: odd(fc.constantFrom(...states), 'paused') }, { message, timestamp });
  const taskMembers = { artifacts: some(artifact), history: some(message), metadata };
  const aTask = { id: name, contextId: name, status };
  const task = object({ kind: fc.constant('task'), ...aTask }, taskMembers);
  const ids = { taskId: name, contextId: name };

  const pushConfig = object(
    { url: name },
    {
      id: odd(name, ''),
      token: odd(name, ''),
      authentication: object(
        { schemes: isOdd ? fc.array(name, { maxLength: 3 }) : fc.array(name, { maxLength: 1 }) },
        { credentials: odd(name, '') },
      ),
    },
  );
  const taskPushConfig = object({ taskId: name, pushNotificationConfig: pushConfig });
  const configuration = object(
    {},
    {
      acceptedOutputModes: some(name),
      blocking: flag,
      historyLength: count,
      pushNotificationConfig: pushConfig,
    },
  );
  const send = object({ message: aMessage(named) }, { configuration, metadata });
  const ofConfig = object({ id: name, pushNotificationConfigId: name });
  const maybeOfConfig = object({ id: name }, { pushNotificationConfigId: odd(name, '') });
  const direct = aMessage(named);
  return {
    requests: {
      SendMessage: send,
      SendStreamingMessage: send,
      GetTask: object({ id: name }, { historyLength: count }),
      CancelTask: object({ id: name }, { metadata }),
      SubscribeToTask: object({ id: name }),
      CreateTaskPushNotificationConfig: taskPushConfig,
      GetTaskPushNotificationConfig: isOdd ? maybeOfConfig : ofConfig,
      ListTaskPushNotificationConfigs: object({ id: name }),
      DeleteTaskPushNotificationConfig: ofConfig,
      GetExtendedAgentCard: object({}),
    },
    results: {
      SendMessage: fc.oneof(task, direct),
      GetTask: isOdd ? object(aTask, { ...taskMembers, kind: fc.constant('task') }) : task,
      CancelTask: task,
      CreateTaskPushNotificationConfig: taskPushConfig,
      GetTaskPushNotificationConfig: taskPushConfig,
      ListTaskPushNotificationConfigs: some(taskPushConfig),
      DeleteTaskPushNotificationConfig: fc.constant(null),
      GetExtendedAgentCard: metadata,
    },
    events: fc.oneof(
      task,
      direct,
      object({ kind: fc.constant('status-update'), ...ids, status, final: flag }, { metadata }),
      object(
        { kind: fc.constant('artifact-update'), ...ids, artifact },
        { append: flag, lastChunk: flag, metadata },
      ),
    ),
  };
}
