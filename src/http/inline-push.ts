import type { JsonObject } from '../bridge/core-call.ts';
import { formOf } from '../bridge/forms.ts';
import { type FailureCode, GatewayError } from '../failure.ts';
import { idsOfResult } from '../protocol/call-ids.ts';
import { stringifyExact } from '../protocol/exact-json.ts';
import { inlinePushesIn } from '../protocol/guarded.ts';
import { inlinePushName } from '../protocol/inline-push.ts';
import { isRecord } from '../protocol/json.ts';
import { agentConfig } from '../push/agent-webhook.ts';
import type { PushConfigs } from '../push/configs.ts';
import type { Admission } from './admission.ts';
import type { PermittedCall } from './perform.ts';
import { versionFor } from './push-operations.ts';
import type { Call } from './route.ts';
import type { Services } from './services.ts';

/** A message whose push configuration is kept, with the gateway's own in its place (A2A §3.2.2). */
export interface InlinePush {
  /** The message in core. */
  request: JsonObject;
  /** The configuration alone, as the caller's version spells it, in JSON. */
  spelled: string;
  /** Sees every result and event before the caller does: the first that tells of a task tells whose the webhook is. */
  look(results: readonly unknown[]): Promise<void>;
  /** Lets the message go, and forgets the webhook where what comes back has told of no task. @throws what `answer` does */
  send(answer: () => Promise<Response>): Promise<Response>;
}

/**
 * Keeps the push configuration of a message, before the agent gets the message.
 *
 * @throws GatewayError `webhook_refused`, `store_unavailable`; `member_refused` for one in a place that only readers of
 *   another version know, also beside one in its own, which would take it past the gateway
 */
export async function keepInlinePush(
  call: Call,
  permitted: PermittedCall,
  { agent, principal }: Admission,
  services: Services,
): Promise<InlinePush> {
  const { operation, version, binding } = permitted;
  const core = await permitted.toCore();
  const { configuration } = core;
  const given = isRecord(configuration) ? configuration.taskPushNotificationConfig : undefined;
  const name = inlinePushName(version, binding);
  const elsewhere = inlinePushesIn(permitted.request).find((other) => other !== name);
  if (elsewhere !== undefined || !isRecord(given) || !isRecord(configuration))
    throw misplaced(elsewhere ?? name);
  const { configs } = services.push;
  const taskId = taskIdOf(core);
  const kept = await configs.keep({
    agentId: agent.agentId,
    holder: await services.ownership.holderOf(agent, principal),
    setBy: principal,
    taskId,
    version: versionFor(call, permitted),
    config: given,
  });
  const own = agentConfig(kept, services.config.publicUrl);
  const request = { ...core, configuration: { ...configuration, taskPushNotificationConfig: own } };
  const form = await formOf(version, binding);
  const { configuration: spelled } = form.fromCoreRequest(operation, request);
  return {
    request,
    spelled: stringifyExact(isRecord(spelled) ? spelled[name] : undefined),
    ...fateOf(kept.pushId, taskId, configs),
  };
}

/** What has failed like this may have succeeded at the agent: it may post yet, and tell of the task by that. */
const undecided: ReadonlySet<FailureCode> = new Set([
  'upstream_timeout',
  'upstream_reset',
  'upstream_stalled',
  'caller_left',
  'shutting_down',
]);

/** @param ofTask the task that the message goes on with */
function fateOf(
  pushId: string,
  ofTask: string | undefined,
  configs: PushConfigs,
): Pick<InlinePush, 'look' | 'send'> {
  let isDecided = false;

  async function look(results: readonly unknown[]): Promise<void> {
    for (const result of results) {
      if (isDecided) return;
      if (!isRecord(result)) continue;
      isDecided = true;
      const taskId = idsOfResult(result).taskId ?? ofTask;
      // A message leaves no task to be told of.
      if (taskId === undefined) await configs.drop(pushId);
      else await configs.bind(pushId, taskId);
    }
  }

  async function forget(): Promise<void> {
    // What is left expires by itself, and is of no task until an agent shows by its secret that it is.
    if (!isDecided) await configs.drop(pushId).catch(() => {});
  }

  return {
    look,
    async send(answer) {
      try {
        const response = await answer();
        if (response.headers.get('content-type') !== 'text/event-stream') await forget();
        return response;
      } catch (error) {
        if (!(error instanceof GatewayError && undecided.has(error.failure.code))) await forget();
        throw error;
      }
    },
  };
}

function taskIdOf({ message }: JsonObject): string | undefined {
  const taskId = isRecord(message) ? message.taskId : undefined;
  return typeof taskId === 'string' && taskId !== '' ? taskId : undefined;
}

function misplaced(name: string): GatewayError {
  return new GatewayError({ code: 'member_refused', member: `configuration.${name}`, rule: 'alias' });
}
