import { isRecord } from '../../src/protocol/json.ts';
import type { Cell } from '../requirements/clause.ts';
import { message } from './bindings.ts';
import { legacyMessage } from './legacy.ts';
import { protoMessage } from './legacy-proto.ts';

/** Push configurations as callers of each cell spell them, for the task `t-1`. */

type Json = Readonly<Record<string, unknown>>;

/** What a caller sets, as it means it. */
export interface Hook {
  id: string;
  url: string;
  token?: string;
  scheme?: string;
  credentials?: string;
}

const isLegacy = (cell: Cell) => cell.endsWith('0.3');

function spelled(cell: Cell, { id, url, token, scheme, credentials }: Hook): Json {
  const named = isLegacy(cell) ? { schemes: [scheme] } : { scheme };
  return {
    ...{ id, url },
    ...(token !== undefined && { token }),
    ...(scheme !== undefined && { authentication: { ...named, credentials } }),
  };
}

/** Of the request that creates it. */
export function creation(cell: Cell, hook: Hook): Json {
  const config = spelled(cell, hook);
  if (!isLegacy(cell)) return { taskId: 't-1', ...config };
  if (cell === 'JSON-RPC 0.3') return { taskId: 't-1', pushNotificationConfig: config };
  if (cell === 'HTTP+JSON 0.3') return { pushNotificationConfig: config };
  const name = `tasks/t-1/pushNotificationConfigs/${hook.id}`;
  return { parent: 'tasks/t-1', configId: hook.id, config: { name, pushNotificationConfig: config } };
}

/** A message that brings it. @param taskId which the message goes on with */
export function messageWith(cell: Cell, hook: Hook, taskId?: string): Json {
  const config = spelled(cell, hook);
  const about = taskId === undefined ? {} : { taskId };
  if (!isLegacy(cell))
    return { message: { ...message, ...about }, configuration: { taskPushNotificationConfig: config } };
  if (cell === 'JSON-RPC 0.3')
    return { message: { ...legacyMessage, ...about }, configuration: { pushNotificationConfig: config } };
  return { message: { ...protoMessage, ...about }, configuration: { pushNotification: config } };
}

/** Every configuration in an answer, whatever is around it. */
export function hooksIn(text: string): Hook[] {
  return text === '' ? [] : hooks(JSON.parse(text));
}

function hooks(value: unknown): Hook[] {
  if (Array.isArray(value)) return value.flatMap(hooks);
  if (!isRecord(value)) return [];
  const { id, url, token, authentication } = value;
  if (typeof url !== 'string') return Object.values(value).flatMap(hooks);
  const { scheme, schemes, credentials } = isRecord(authentication) ? authentication : {};
  const first = scheme ?? (Array.isArray(schemes) ? schemes[0] : undefined);
  return [
    {
      ...{ id, url },
      ...(token !== undefined && token !== '' && { token }),
      ...(first !== undefined && { scheme: first }),
      ...(credentials !== undefined && { credentials }),
    } as Hook, // As far as it is one: what is compared with it is.
  ];
}
