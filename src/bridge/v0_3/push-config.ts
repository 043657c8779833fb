import type { JsonObject } from '../core-call.ts';
import { listOf, objectAt, type Place, textAt, within } from './place.ts';
import { createShape, picked, unlessEmpty } from './shape.ts';

/**
 * Where and how an agent tells of a task's changes (A2A §4.3.1, 0.3 §6.8). One flat object in 1.0; in 0.3 the task's id
 * stands beside the configuration, where there is a task already.
 */

const configNames = ['id', 'url', 'token', 'authentication'];

const authenticationBase = createShape([{ name: 'credentials', fromCore: unlessEmpty }], {
  onlyIn0_3: ['schemes'],
  onlyInCore: ['scheme', 'schemes'],
});

/** Its configuration alone, as a send request carries it. */
export const pushConfig = createShape(
  [
    { name: 'id', fromCore: unlessEmpty },
    { name: 'url' },
    { name: 'token', fromCore: unlessEmpty },
    { name: 'authentication', toCore: toCoreAuthentication, fromCore: fromCoreAuthentication },
  ],
  { onlyInCore: ['taskId', 'tenant'] },
);

const aroundConfig = createShape([{ name: 'taskId' }], {
  onlyIn0_3: ['pushNotificationConfig'],
  onlyInCore: [...configNames, 'tenant'],
});

export function toCoreTaskPushConfig(value: unknown, at: Place): JsonObject {
  const around = objectAt(value, at);
  const config = pushConfig.toCore(around.pushNotificationConfig, within(at, 'pushNotificationConfig'));
  return { ...config, ...aroundConfig.toCore(around, at) };
}

export function fromCoreTaskPushConfig(value: unknown, at: Place): JsonObject {
  const flat = objectAt(value, at);
  const config = pushConfig.fromCore(picked(flat, configNames), at);
  return { ...aroundConfig.fromCore(flat, at), pushNotificationConfig: config };
}

/**
 * 0.3 lists the schemes a webhook takes, 1.0 names the one: the first. Where there are more, the list stays as a member
 * that 1.0 does not know.
 */
function toCoreAuthentication(value: unknown, at: Place): JsonObject {
  const { schemes: listed = null } = objectAt(value, at);
  const schemes = listed === null ? [] : listOf(textAt)(listed, within(at, 'schemes'));
  const [scheme] = schemes;
  return {
    ...(scheme !== undefined && { scheme }),
    ...(schemes.length > 1 && { schemes }),
    ...authenticationBase.toCore(value, at),
  };
}

function fromCoreAuthentication(value: unknown, at: Place): JsonObject {
  const { scheme: named = null, schemes: listed } = objectAt(value, at);
  const scheme = named === null ? '' : textAt(named, within(at, 'scheme'));
  const only = scheme === '' ? [] : [scheme];
  return {
    schemes: isListFrom(scheme, listed) ? listed : only,
    ...authenticationBase.fromCore(value, at),
  };
}

function isListFrom(scheme: string, listed: unknown): boolean {
  return Array.isArray(listed) && listed[0] === scheme && listed.every((each) => typeof each === 'string');
}
