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

/** Requests, answers and events of the operations that 0.3 has, in core: ProtoJSON of 1.0. */
export interface CoreArbitraries {
  requests: Readonly<Record<LegacyOperation, Objects>>;
  results: Readonly<Record<Exclude<LegacyOperation, 'SendStreamingMessage' | 'SubscribeToTask'>, Objects>>;
  events: Objects;
}

const states = [
  'SUBMITTED',
  'WORKING',
  'COMPLETED',
  'FAILED',
  'CANCELED',
  'INPUT_REQUIRED',
  'REJECTED',
].concat(['AUTH_REQUIRED']);

/** @param isOdd whether also as peers may spell them: see `oddObject` */
export function coreArbitraries(object: ObjectOf, isOdd: boolean): CoreArbitraries {
  const odd = <T>(value: fc.Arbitrary<T>, ...others: T[]): fc.Arbitrary<T> =>
    isOdd ? fc.oneof({ weight: 4, arbitrary: value }, ...others.map((one) => fc.constant(one))) : value;
  /** Members that ProtoJSON leaves out where they hold the default, as 1.0 has no way to demand them. */
  const withDefaults: ObjectOf = (required, optional) =>
    isOdd ? object({}, { ...required, ...optional }) : object(required, optional);

  const about = { filename: odd(name, ''), mediaType: odd(name, ''), metadata };
  const part = fc.oneof(
    object({ text }, about),
    object({ raw: odd(bytes, '-_8') }, about),
    object({ url: name }, about),
    object({ data: isOdd ? json : json.filter((value) => value !== null) }, about), // The SDK reads null as none.
  );
  const message = withDefaults(
    {
      messageId: name,
      role: odd<unknown>(fc.constantFrom('ROLE_USER', 'ROLE_AGENT'), 1, 2, 'ROLE_NARRATOR'),
      parts: some(part),
    },
    {
      contextId: odd(name, ''),
      taskId: odd(name, ''),
      metadata,
      extensions: some(name),
      referenceTaskIds: some(name),
    },
  );
  const artifact = withDefaults(
    { artifactId: name, parts: some(part) },
    { name: odd(name, ''), description: name, metadata, extensions: some(name) },
  );
  const state = odd<unknown>(
    fc.constantFrom(...states.map((each) => `TASK_STATE_${each}`)),
    0,
    5,
    'TASK_STATE_PAUSED',
  );
  const status = withDefaults(
    { state },
    { message, timestamp: odd(fc.constant('2026-01-01T00:00:00.000Z'), '') },
  );
  const task = withDefaults(
    { id: name, contextId: odd(name, ''), status },
    { artifacts: some(artifact), history: some(message), metadata },
  );
  const statusUpdate = withDefaults({ taskId: name, contextId: name, status }, { metadata });
  const ids = { taskId: name, contextId: name };
  const updateMembers = { append: flag, lastChunk: flag, metadata };
  const artifactUpdate = isOdd
    ? object({ artifact }, { ...ids, ...updateMembers })
    : object({ artifact, ...ids }, updateMembers);

  const pushMembers = {
    id: odd(name, ''),
    token: odd(name, ''),
    authentication: object({}, { scheme: odd(name, ''), credentials: odd(name, '') }),
    ...(isOdd && { tenant: fc.constant('') }),
  };
  const inlinePush = object({ url: name }, { ...pushMembers, ...(isOdd && { taskId: fc.constant('') }) });
  const taskPushConfig = object({ taskId: name, url: name }, pushMembers);
  const configuration = object(
    {},
    {
      acceptedOutputModes: some(name),
      returnImmediately: flag,
      historyLength: count,
      taskPushNotificationConfig: inlinePush,
    },
  );
  const tenant = isOdd ? { tenant: fc.constant('') } : {};
  const send = object({ message }, { configuration, metadata, ...tenant });
  const ofTask = object({ id: name }, tenant);
  const ofConfig = object({ taskId: name, id: name }, tenant);
  const paging = isOdd ? { pageSize: count, pageToken: fc.constant('') } : {};
  const answer = (member: string, payload: Objects) => object({ [member]: payload });
  return {
    requests: {
      SendMessage: send,
      SendStreamingMessage: send,
      GetTask: object({ id: name }, { historyLength: count, ...tenant }),
      CancelTask: object({ id: name }, { metadata, ...tenant }),
      SubscribeToTask: ofTask,
      CreateTaskPushNotificationConfig: taskPushConfig,
      GetTaskPushNotificationConfig: ofConfig,
      ListTaskPushNotificationConfigs: object({ taskId: name }, { ...paging, ...tenant }),
      DeleteTaskPushNotificationConfig: ofConfig,
      GetExtendedAgentCard: object({}, tenant),
    },
    results: {
      SendMessage: fc.oneof(answer('task', task), answer('message', message)),
      GetTask: task,
      CancelTask: task,
      CreateTaskPushNotificationConfig: taskPushConfig,
      GetTaskPushNotificationConfig: taskPushConfig,
      ListTaskPushNotificationConfigs: withDefaults(
        { configs: some(taskPushConfig) },
        isOdd ? { nextPageToken: name } : {},
      ),
      DeleteTaskPushNotificationConfig: object({}),
      GetExtendedAgentCard: metadata,
    },
    events: fc.oneof(
      answer('task', task),
      answer('message', message),
      answer('statusUpdate', statusUpdate),
      answer('artifactUpdate', artifactUpdate),
    ),
  };
}
