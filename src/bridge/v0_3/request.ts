import type { Operation } from '../../protocol/operations.ts';
import type { JsonObject } from '../core-call.ts';
import { message } from './message.ts';
import { type LegacyOperationName, legacyNameOf } from './operation.ts';
import { objectAt, type Place, refuse, within } from './place.ts';
import { fromCoreTaskPushConfig, pushConfig, toCoreTaskPushConfig } from './push-config.ts';
import { createShape, type Member, type Shape, unlessEmpty } from './shape.ts';

/** `params` of 0.3 JSON-RPC (0.3 §7) and the request objects of core (A2A §3.1). */

const onlyInCore = ['tenant'];
const root: Place = { side: 'request' };

const id: Member = { name: 'id' };
const taskId: Member = { name: 'id', coreName: 'taskId' };
const configId: Member = { name: 'pushNotificationConfigId', coreName: 'id', fromCore: unlessEmpty };

/**
 * `blocking` of 0.3 is the opposite of `returnImmediately` of 1.0. Without a word 1.0 waits (A2A §3.2.2) and 0.3 leaves it
 * to the agent, so towards 0.3 a send says that it waits. In a stream there is nothing to wait for.
 */
function sendRequest(defaults: { blocking?: true }): Shape {
  const configuration = createShape(
    [
      { name: 'acceptedOutputModes' },
      { name: 'blocking', coreName: 'returnImmediately', toCore: negated, fromCore: negated },
      { name: 'historyLength' },
      { name: 'pushNotificationConfig', coreName: 'taskPushNotificationConfig', ...pushConfig },
    ],
    { defaults },
  );
  return createShape(
    [
      { name: 'message', ...message, required: true },
      { name: 'configuration', ...configuration },
      { name: 'metadata' },
    ],
    { onlyInCore, defaults: defaults.blocking ? { configuration: defaults } : {} },
  );
}

function negated(value: unknown, at: Place): boolean {
  return typeof value === 'boolean' ? !value : refuse(at, 'is neither true nor false');
}

type Translation = Pick<Shape, 'toCore' | 'fromCore'>;

const getPushConfig = createShape([taskId, configId], { onlyInCore });
const listPushConfigs = createShape([taskId], { onlyInCore: [...onlyInCore, 'pageSize', 'pageToken'] });

const requests: Readonly<Record<LegacyOperationName, Translation>> = {
  SendMessage: sendRequest({ blocking: true }),
  SendStreamingMessage: sendRequest({}),
  GetTask: createShape([id, { name: 'historyLength' }], { onlyInCore }),
  CancelTask: createShape([id, { name: 'metadata' }], { onlyInCore }),
  SubscribeToTask: createShape([id], { onlyInCore }),
  CreateTaskPushNotificationConfig: {
    toCore: (params, at) => withConfigId(toCoreTaskPushConfig(params, at)),
    fromCore: fromCoreTaskPushConfig,
  },
  GetTaskPushNotificationConfig: {
    toCore: (params, at) => withConfigId(getPushConfig.toCore(params, at)),
    fromCore: getPushConfig.fromCore,
  },
  ListTaskPushNotificationConfigs: {
    toCore: listPushConfigs.toCore,
    fromCore(request, at) {
      const translated = listPushConfigs.fromCore(request, at);
      // All came on the first page, so there is none that a token could name.
      const { pageToken } = objectAt(request, at);
      return (pageToken ?? '') === '' ? translated : refuse(within(at, 'pageToken'), 'is not a page token');
    },
  },
  DeleteTaskPushNotificationConfig: createShape([taskId, configId], { onlyInCore }),
  GetExtendedAgentCard: createShape([], { onlyInCore }),
};

/**
 * 0.3 lets a caller leave the configuration's id out, and its SDKs then take the task's id for it, on setting as on
 * getting. 1.0 demands an id on getting, so the same is said in both places.
 */
function withConfigId(request: JsonObject): JsonObject {
  const { id: given, taskId: ofTask } = request;
  return (given ?? '') === '' && typeof ofTask === 'string' ? { ...request, id: ofTask } : request;
}

/**
 * The `params` of a call in 0.3 JSON-RPC as a request of core.
 *
 * @throws GatewayError `parameter_invalid`, naming the parameter relative to `params`
 */
export function toCoreRequest(operation: Operation, params: JsonObject): JsonObject {
  return requests[legacyNameOf(operation)].toCore(params, root);
}

/**
 * A request of core as the `params` of a call in 0.3 JSON-RPC.
 *
 * @throws GatewayError `parameter_invalid`, naming the parameter relative to the request
 */
export function fromCoreRequest(operation: Operation, request: JsonObject): JsonObject {
  return requests[legacyNameOf(operation)].fromCore(request, root);
}
