import { GatewayError } from '../../../failure.ts';
import { withPlainNumbers } from '../../../protocol/exact-json.ts';
import { canStandInPath, type RestMatch } from '../../../protocol/rest.ts';
import { taskName } from '../../../protocol/v0_3/resource-name.ts';
import type { RestRequest } from '../../agents/rest.ts';
import type { CoreCall, JsonObject } from '../../core-call.ts';
import { fromCoreRequest, toCoreRequest } from './request.ts';

/** HTTP+JSON of 0.3 (0.3 §3.2.3, §5.3): what is in path, query and body, and the request messages of its proto. */

/** Parameters of a query, by either of their names; all numbers but the last (0.3 proto). */
const parameters: Readonly<Record<string, string>> = {
  historyLength: 'historyLength',
  history_length: 'historyLength',
  pageSize: 'pageSize',
  page_size: 'pageSize',
  pageToken: 'pageToken',
  page_token: 'pageToken',
};

/**
 * The request of core that a 0.3 HTTP request makes. Query parameters that the operation does not know stay behind.
 *
 * @param query without the `?`, its guarded names checked already
 * @param body parsed by `parseRestBody`
 * @throws GatewayError `parameter_invalid`
 */
export function coreRequestOfRest(
  { operation, bindings }: Pick<RestMatch, 'operation' | 'bindings'>,
  query: string,
  body: JsonObject = {},
): JsonObject {
  const { taskId = '', id = '' } = bindings;
  switch (operation.name) {
    case 'GetTask':
      return { id, ...parametersIn(query, ['historyLength']) };
    case 'ListTaskPushNotificationConfigs':
      return { taskId, ...parametersIn(query, ['pageSize', 'pageToken']) };
    case 'GetTaskPushNotificationConfig':
    case 'DeleteTaskPushNotificationConfig':
      return { taskId, id };
    case 'CancelTask':
    case 'SubscribeToTask':
      return toCoreRequest(operation, { ...body, name: taskName(id) });
    case 'CreateTaskPushNotificationConfig':
      return toCoreRequest(operation, creationIn(taskId, body));
    default:
      return toCoreRequest(operation, body);
  }
}

/** The body is the configuration, or the request around it as the Python SDK writes it; both where they are equal. */
function creationIn(taskId: string, body: JsonObject): JsonObject {
  const { parent: _, configId, config, ...inside } = body;
  const isAround = config !== undefined && !Object.hasOwn(inside, 'pushNotificationConfig');
  const parent = taskName(taskId);
  return isAround ? { ...body, parent } : { parent, configId, config: inside };
}

function parametersIn(query: string, known: readonly string[]): JsonObject {
  const found: [string, unknown][] = [];
  for (const [name, value] of new URLSearchParams(query)) {
    const member = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (member === undefined || !known.includes(member) || value === '') continue;
    if (found.some(([other]) => other === member)) refuseParameter(member, 'is given twice');
    found.push([member, member === 'pageToken' ? value : integerIn(value, member)]);
  }
  return Object.fromEntries(found);
}

function integerIn(text: string, parameter: string): number {
  return /^-?\d{1,10}$/.test(text) ? Number(text) : refuseParameter(parameter, 'is no integer');
}

function refuseParameter(parameter: string, problem: string): never {
  throw new GatewayError({ code: 'parameter_invalid', parameter, problem });
}

/**
 * A call as a 0.3 HTTP request.
 *
 * @throws GatewayError `parameter_invalid`, also for an id that cannot stand in a path; `operation_unsupported` for what
 *   0.3 does not have
 */
export function restRequestOf({ operation, request }: CoreCall): RestRequest {
  const route = operation.v0_3?.rest;
  if (route === undefined)
    throw new GatewayError({ code: 'operation_unsupported', capability: operation.name });
  return {
    route,
    bindings: bindingsIn(route.path, request),
    query: route.method === 'GET' ? queryOf(request) : '',
    body: bodyOf(operation.name, fromCoreRequest(operation, request)),
  };
}

function bindingsIn(path: string, request: JsonObject): Record<string, string> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return Object.fromEntries(
    names.map((name) => {
      const id = request[name];
      if (typeof id === 'string' && canStandInPath(id)) return [name, id];
      return refuseParameter(name, 'cannot stand in a path');
    }),
  );
}

function queryOf({ historyLength, pageSize, pageToken }: JsonObject): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries({ historyLength, pageSize })) {
    if (value === undefined || value === null) continue;
    const text = String(withPlainNumbers(value));
    if (!/^-?\d+$/.test(text)) refuseParameter(name, 'is no integer');
    query.set(name, text);
  }
  if (typeof pageToken === 'string' && pageToken !== '') query.set('pageToken', pageToken);
  return query.size === 0 ? '' : `?${query}`;
}

/** What of a request message does not go into path and query. */
function bodyOf(operation: CoreCall['operation']['name'], message: JsonObject): JsonObject | undefined {
  switch (operation) {
    case 'SendMessage':
    case 'SendStreamingMessage':
      return message;
    case 'CancelTask': {
      const { name: _, ...rest } = message;
      return Object.keys(rest).length === 0 ? undefined : rest;
    }
    case 'CreateTaskPushNotificationConfig': {
      // Both at once: the configuration, which the proto's HTTP rule and the TypeScript SDK read, and the request
      // around it, which the Python SDK reads. Each passes over what it does not know.
      const { config } = message;
      return { ...(config as JsonObject), ...message }; // Just made by the translator, an object.
    }
    default:
      return undefined;
  }
}
