import { pushConfigIdsIn, pushConfigName } from '../../../protocol/v0_3/resource-name.ts';
import type { JsonObject } from '../../core-call.ts';
import { listOf, objectAt, type Place, refuse, textAt, within } from '../place.ts';
import { picked, type Shape, unlessEmpty } from '../shape.ts';
import { createProtoShape } from './shape.ts';

/**
 * Where and how an agent tells of a task's changes (A2A §4.3.1, 0.3 proto). One flat object in core; in 0.3 the
 * configuration stands beside a name made of the task's id and its own.
 */

const configNames = ['id', 'url', 'token', 'authentication'];

const aroundSchemes = createProtoShape([{ name: 'credentials', fromCore: unlessEmpty }], {
  onlyIn0_3: ['schemes'],
  onlyInCore: ['scheme', 'schemes'],
});

/** The configuration alone, as a send request carries it. */
export const pushConfig = createProtoShape(
  [
    { name: 'id', toCore: unlessEmpty, fromCore: unlessEmpty },
    { name: 'url' },
    { name: 'token', fromCore: unlessEmpty },
    { name: 'authentication', toCore: toCoreAuthentication, fromCore: fromCoreAuthentication },
  ],
  { onlyInCore: ['taskId', 'tenant'] },
);

/**
 * Read and written by hand below, for what they hold is one member in 0.3 and several in core. In HTTP+JSON what creates a
 * configuration stands beside it, so that members of the same names would be taken for it.
 */
const around = createProtoShape(
  [{ name: 'pushNotificationConfig', coreName: 'url', toCore: () => undefined }],
  {
    onlyIn0_3: ['name', 'parent', 'configId', 'config'],
    onlyInCore: [...configNames, 'taskId', 'tenant'],
  },
);

/** A configuration with its task. */
export const taskPushConfig: Pick<Shape, 'toCore' | 'fromCore'> = { toCore, fromCore };

function toCore(value: unknown, at: Place): JsonObject {
  const { name, pushNotificationConfig, push_notification_config } = objectAt(value, at);
  const inside = pushNotificationConfig ?? push_notification_config;
  const config = pushConfig.toCore(inside, within(at, 'pushNotificationConfig'));
  const { taskId, id } = namedIn(name, within(at, 'name'));
  return {
    ...around.toCore(value, at),
    ...(taskId !== undefined && { taskId }),
    ...((id ?? '') !== '' && { id }),
    ...config,
  };
}

/** The name is left out by agents that take the rest for enough. */
function namedIn(name: unknown, at: Place): { taskId?: string; id?: string } {
  if (name === undefined || name === null || name === '') return {};
  return pushConfigIdsIn(name) ?? refuse(at, 'is no name of a push notification configuration');
}

function fromCore(value: unknown, at: Place): JsonObject {
  const flat = objectAt(value, at);
  const { pushNotificationConfig: _, ...outside } = around.fromCore(flat, at);
  const taskId = textAt(flat.taskId, within(at, 'taskId'));
  return {
    ...outside,
    name: pushConfigName(taskId, textAt(flat.id ?? '', within(at, 'id'))),
    pushNotificationConfig: pushConfig.fromCore(picked(flat, configNames), at),
  };
}

/**
 * 0.3 lists the schemes a webhook takes, core names the one: the first. Where there are more, the list stays as a member
 * that core does not know.
 */
function toCoreAuthentication(value: unknown, at: Place): JsonObject {
  const { schemes: listed = null } = objectAt(value, at);
  const schemes = listed === null ? [] : listOf(textAt)(listed, within(at, 'schemes'));
  const [scheme] = schemes;
  return {
    ...aroundSchemes.toCore(value, at),
    ...(scheme !== undefined && { scheme }),
    ...(schemes.length > 1 && { schemes }),
  };
}

function fromCoreAuthentication(value: unknown, at: Place): JsonObject {
  const { scheme: named = null, schemes: listed } = objectAt(value, at);
  const scheme = named === null ? '' : textAt(named, within(at, 'scheme'));
  const isKept =
    Array.isArray(listed) && listed[0] === scheme && listed.every((each) => typeof each === 'string');
  const schemes: unknown[] = isKept ? listed : [scheme].filter((only) => only !== '');
  return { ...aroundSchemes.fromCore(value, at), schemes };
}
