import type { Operation } from '../../../protocol/operations.ts';
import { pushConfigIdsIn, pushConfigName, taskIdIn, taskName } from '../../../protocol/v0_3/resource-name.ts';
import type { JsonObject } from '../../core-call.ts';
import { type LegacyOperationName, legacyNameOf } from '../operation.ts';
import { objectAt, type Place, refuse, textAt, within } from '../place.ts';
import type { Shape } from '../shape.ts';
import { message } from './entities.ts';
import { pushConfig, taskPushConfig } from './push-config.ts';
import { createProtoShape, type ProtoMember } from './shape.ts';

/** The request messages of the 0.3 proto in ProtoJSON, and the request objects of core (A2A §3.1). */

type Translation = Pick<Shape, 'toCore' | 'fromCore'>;

const onlyInCore = ['tenant'];
const root: Place = { side: 'request' };

/**
 * `blocking` is the opposite of `returnImmediately`. Left out it is false, as the proto has it and clients of it write it,
 * once there is a configuration; without one 1.0 waits (A2A §3.2.2) and 0.3 leaves it to the agent, so a send towards 0.3
 * says that it waits. In a stream there is nothing to wait for.
 */
function sendRequest(waits: boolean): Translation {
  const defaults = waits ? { blocking: true } : {};
  const configuration = createProtoShape(
    [
      { name: 'acceptedOutputModes' },
      { name: 'blocking', coreName: 'returnImmediately', toCore: negated, fromCore: negated },
      { name: 'historyLength' },
      { name: 'pushNotification', coreName: 'taskPushNotificationConfig', ...pushConfig },
    ],
    // Dropped on the way, for it is the name of 0.3 in JSON-RPC, and might come to mean something there.
    { onlyIn0_3: ['pushNotificationConfig'], defaults },
  );
  const toCoreConfiguration = (value: unknown, at: Place): JsonObject => {
    const { returnImmediately, ...rest } = configuration.toCore(value, at);
    return waits
      ? { ...rest, returnImmediately: returnImmediately ?? true }
      : configuration.toCore(value, at);
  };
  return createProtoShape(
    [
      { name: 'message', protoName: 'request', ...message, required: true },
      { name: 'configuration', toCore: toCoreConfiguration, fromCore: configuration.fromCore },
      { name: 'metadata' },
    ],
    { onlyInCore, defaults: waits ? { configuration: defaults } : {} },
  );
}

function negated(value: unknown, at: Place): boolean {
  return typeof value === 'boolean' ? !value : refuse(at, 'is neither true nor false');
}

/** `tasks/{id}`, as the proto names a task. */
function taskNamed(name: string, coreName: string): ProtoMember {
  return {
    name,
    coreName,
    toCore: (value, at) => taskIdIn(value) ?? refuse(at, 'is no name of a task'),
    fromCore: (value, at) => taskName(textAt(value, at)),
    required: true,
  };
}

const ofTask = taskNamed('name', 'id');

/** A configuration by its name, which holds two ids of core. */
const aroundConfigName = createProtoShape([], {
  onlyIn0_3: ['name'],
  onlyInCore: ['taskId', 'id', 'tenant'],
});
const byConfigName: Translation = {
  toCore(value, at) {
    const ids = pushConfigIdsIn(objectAt(value, at).name);
    if (ids === undefined || ids.id === '') {
      return refuse(within(at, 'name'), 'is no name of a push notification configuration');
    }
    return { ...aroundConfigName.toCore(value, at), ...ids };
  },
  fromCore(value, at) {
    const { taskId, id } = objectAt(value, at);
    const name = pushConfigName(textAt(taskId, within(at, 'taskId')), textAt(id, within(at, 'id')));
    return { ...aroundConfigName.fromCore(value, at), name };
  },
};

const aroundCreation = createProtoShape([{ name: 'configId', coreName: 'id', toCore: () => undefined }], {
  onlyIn0_3: ['parent', 'config'],
  onlyInCore: ['taskId', 'url', 'token', 'authentication', 'tenant'],
});
const creation: Translation = {
  toCore(value, at) {
    const { parent, config, configId, config_id } = objectAt(value, at);
    const flat = taskPushConfig.toCore(config, within(at, 'config'));
    const parentIds = pushConfigIdsIn(parent) ?? refuse(within(at, 'parent'), 'is no name of a task');
    const id = [flat.id, configId, config_id].find((given) => (given ?? '') !== '');
    const { taskId } = parentIds;
    return { ...aroundCreation.toCore(value, at), ...flat, taskId, ...(id !== undefined && { id }) };
  },
  fromCore(value, at) {
    const config = taskPushConfig.fromCore(value, at);
    const { taskId, id = '' } = objectAt(value, at);
    const parent = taskName(textAt(taskId, within(at, 'taskId')));
    return { parent, ...(id !== null && id !== '' && { configId: id }), config };
  },
};

const requests: Readonly<Record<LegacyOperationName, Translation>> = {
  SendMessage: sendRequest(true),
  SendStreamingMessage: sendRequest(false),
  GetTask: createProtoShape([ofTask, { name: 'historyLength' }], { onlyInCore }),
  // `metadata` is in 0.3 JSON alone; an agent on the proto passes over it.
  CancelTask: createProtoShape([ofTask, { name: 'metadata' }], { onlyInCore }),
  SubscribeToTask: createProtoShape([ofTask], { onlyInCore }),
  CreateTaskPushNotificationConfig: creation,
  GetTaskPushNotificationConfig: byConfigName,
  ListTaskPushNotificationConfigs: createProtoShape(
    [taskNamed('parent', 'taskId'), { name: 'pageSize' }, { name: 'pageToken' }],
    { onlyInCore },
  ),
  DeleteTaskPushNotificationConfig: byConfigName,
  GetExtendedAgentCard: createProtoShape([], { onlyInCore }),
};

/**
 * A request message of 0.3 as a request of core. The proto's own names are read too (`task_id`, `request`).
 *
 * @throws GatewayError `parameter_invalid`, naming the parameter relative to the request
 */
export function toCoreRequest(operation: Operation, request: JsonObject): JsonObject {
  return requests[legacyNameOf(operation)].toCore(request, root);
}

/**
 * A request of core as a request message of 0.3.
 *
 * @throws GatewayError `parameter_invalid`, naming the parameter relative to the request
 */
export function fromCoreRequest(operation: Operation, request: JsonObject): JsonObject {
  return requests[legacyNameOf(operation)].fromCore(request, root);
}
