import type { AgentError } from '../bridge/agent-error.ts';
import { BridgedResponse } from '../bridge/bridged-response.ts';
import type { CoreAnswer, JsonObject } from '../bridge/core-call.ts';
import type { Plan } from '../bridge/plan.ts';
import { GatewayError } from '../failure.ts';
import { ownershipOf } from '../ownership/ownership.ts';
import { withPlainNumbers } from '../protocol/exact-json.ts';
import type { ServedVersion } from '../protocol/version.ts';
import type { ForwardedResponse } from '../proxy/forward.ts';
import { agentConfig } from '../push/agent-webhook.ts';
import type { CallerConfig } from '../push/configs.ts';
import type { Holder } from '../store/ports/ownership.ts';
import type { Admission } from './admission.ts';
import { answerOwn, answerWorded } from './answer.ts';
import { askAgent } from './bridged.ts';
import { maxPageSize } from './paging.ts';
import type { PermittedCall } from './perform.ts';
import { type Call, waiting } from './route.ts';
import type { Services } from './services.ts';

/** One of the four operations on push configurations, its request in core. */
interface PushCall {
  call: Call;
  permitted: PermittedCall;
  request: JsonObject;
  plan: Plan;
  admission: Admission;
  holder: Holder;
  services: Services;
}

/**
 * Answers the operations on push configurations (A2A §3.1.7 to §3.1.10) from what the gateway keeps. The agent is told of
 * the gateway's own webhook only, and asked where it has to do something.
 *
 * @throws GatewayError `webhook_refused`, `task_not_found`, `parameter_invalid`, `store_unavailable`, and those of
 *   forwarding and of reading the agent's answer
 */
export async function answerPush(
  call: Call,
  permitted: PermittedCall,
  plan: Plan,
  admission: Admission,
  services: Services,
): Promise<Response> {
  const { agent, principal } = admission;
  const request = await permitted.toCore();
  const holder = await services.ownership.holderOf(agent, principal);
  const push = { call, permitted, request, plan, admission, holder, services };
  switch (permitted.operation.name) {
    case 'CreateTaskPushNotificationConfig':
      return create(push);
    case 'GetTaskPushNotificationConfig':
      return get(push);
    case 'ListTaskPushNotificationConfigs':
      return list(push);
    case 'DeleteTaskPushNotificationConfig':
      return remove(push);
    default:
      throw new TypeError(`${permitted.operation.name} is about no push configuration`);
  }
}

/** In which a caller is told: of gRPC it is not the version of the translation. */
export function versionFor({ spoken }: Call, { version }: Pick<PermittedCall, 'version'>): ServedVersion {
  return spoken?.protocolVersion ?? version;
}

/** Kept before the agent is asked, because it may post before it answers. */
async function create(push: PushCall): Promise<Response> {
  const { call, permitted, request, admission, holder, services } = push;
  const { configs } = services.push;
  const taskId = textIn(request, 'taskId');
  const { agent, principal: setBy } = admission;
  const { agentId } = agent;
  const version = versionFor(call, permitted);
  const kept = await configs.keep({ agentId, holder, setBy, taskId, version, config: request });
  const config = { taskId, ...agentConfig(kept, services.config.publicUrl) };
  try {
    const { upstream, answer } = await told(push, config);
    if (answer.ok && (await configs.bind(kept.pushId, taskId))) {
      const found = await configs.find(holder, taskId, kept.configId);
      if (found !== undefined) return answered(push, withIds(taskId, found));
    }
    await configs.drop(kept.pushId);
    return answer.ok ? refuseMissing() : await relayed(push, upstream, answer.error);
  } catch (error) {
    await configs.drop(kept.pushId);
    throw error;
  }
}

async function get(push: PushCall): Promise<Response> {
  const { request, holder, services } = push;
  const taskId = textIn(request, 'taskId');
  const id = textIn(request, 'id');
  const found = (await services.push.configs.find(holder, taskId, id)) ?? (await theOneOf(push, taskId, id));
  return found === undefined ? refuseMissing() : answered(push, withIds(taskId, found));
}

/**
 * In 0.3 an id may be left out, which stands for the task's own (see the bridge's requests); what a task's only
 * configuration is called then does not matter.
 */
async function theOneOf(
  { call, permitted, holder, services }: PushCall,
  taskId: string,
  id: string,
): Promise<CallerConfig | undefined> {
  if (versionFor(call, permitted) !== '0.3' || id !== taskId) return undefined;
  const { items } = await services.push.configs.list(holder, taskId, { size: 1 });
  return items[0];
}

async function list(push: PushCall): Promise<Response> {
  const { request, admission, holder, services } = push;
  const { sealer } = services;
  const taskId = textIn(request, 'taskId');
  const purpose = JSON.stringify(['push configs', holder.agentKey, holder.ownerKey, taskId]);
  const after = await placeIn(request.pageToken, (token) => sealer.open(token, purpose));
  const size = sizeIn(request.pageSize);
  const { items, next } = await services.push.configs.list(holder, taskId, {
    size,
    ...(after !== undefined && { after }),
  });
  if (items.length === 0 && ownershipOf(admission.agent) === 'backend') await requireTask(push, taskId);
  const nextPageToken = next === undefined ? '' : await sealer.seal(next, purpose);
  return answered(push, { configs: items.map((config) => withIds(taskId, config)), nextPageToken });
}

/** Of an agent that keeps its callers apart itself, nobody else knows what tasks there are. */
async function requireTask(push: PushCall, taskId: string): Promise<void> {
  const { answer } = await told(push, { taskId });
  if (!answer.ok && answer.error.reason === 'TASK_NOT_FOUND') refuseMissing();
}

/**
 * Ours goes first, whatever the agent then says: a caller who wants no more notifications gets no more, not even from an
 * agent that does not let go of its own. Its error is told; who tries again finds nothing left to delete.
 */
async function remove(push: PushCall): Promise<Response> {
  const { request, holder, services } = push;
  const taskId = textIn(request, 'taskId');
  const id = textIn(request, 'id');
  const found = await services.push.configs.find(holder, taskId, id);
  if (found !== undefined) {
    await services.push.configs.drop(found.pushId);
    const { upstream, answer } = await told(push, { taskId, id });
    if (!answer.ok && !knowsNone(answer.error)) return relayed(push, upstream, answer.error);
  }
  return answered(push, {});
}

/** What agents say who have no such configuration, or cannot delete one: none is an error to who wants it gone. */
function knowsNone({ reason, rpcCode }: AgentError): boolean {
  return reason === 'TASK_NOT_FOUND' || reason === 'UNSUPPORTED_OPERATION' || rpcCode === methodNotFound;
}

const methodNotFound = -32601;

/** Asks the agent in its own protocol, however the caller speaks. */
async function told(
  { call, permitted, plan, admission, services }: PushCall,
  request: JsonObject,
): Promise<{ upstream: ForwardedResponse; answer: CoreAnswer }> {
  const { operation, version } = permitted;
  const parties = { admission, caller: waiting(call) };
  const asked = await askAgent(call, { operation, request }, { plan, version }, parties, services);
  if ('answer' in asked) return asked;
  throw new TypeError(`${operation.name} does not stream`);
}

/** As its caller set it, the ids beside it (A2A §4.3.1). */
function withIds(taskId: string, { configId, webhook }: CallerConfig): JsonObject {
  const { url, token, authentication } = webhook;
  return {
    ...{ taskId, id: configId, url },
    ...(token !== undefined && { token }),
    ...(authentication !== undefined && { authentication }),
  };
}

async function answered({ call, permitted }: PushCall, result: JsonObject): Promise<Response> {
  return answerOwn(call, (await permitted.words()).result(permitted.operation, result));
}

async function relayed(
  { call, permitted }: PushCall,
  upstream: ForwardedResponse,
  error: AgentError,
): Promise<Response> {
  const { version } = permitted;
  return answerWorded(call, new BridgedResponse(upstream, version), (await permitted.words()).error(error));
}

/** What is not there and what is another's look like what is said of a task that never was. */
function refuseMissing(): never {
  throw new GatewayError({ code: 'task_not_found' });
}

function textIn(request: JsonObject, name: string): string {
  const value = request[name];
  return typeof value === 'string' && value !== '' ? value : refuse(name, 'missing');
}

/** All of a task fit on one page, which is what who asks for none of a size gets. */
function sizeIn(value: unknown = 0): number {
  const size = withPlainNumbers(value) || maxPageSize;
  const isSize = typeof size === 'number' && Number.isInteger(size) && size > 0 && size <= maxPageSize;
  return isSize ? size : refuse('pageSize', `1 to ${maxPageSize}`);
}

async function placeIn(
  token: unknown,
  open: (token: string) => Promise<string | undefined>,
): Promise<string | undefined> {
  if (token === undefined || token === null || token === '') return undefined;
  const place = typeof token === 'string' ? await open(token) : undefined;
  return place ?? refuse('pageToken', 'not a page token');
}

function refuse(parameter: string, problem: string): never {
  throw new GatewayError({ code: 'parameter_invalid', parameter, problem });
}
