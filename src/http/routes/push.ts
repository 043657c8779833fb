import { proofsIn, pushPath } from '../../push/agent-webhook.ts';
import { readText, requireJson } from '../body.ts';
import { noContent } from '../respond.ts';
import type { Call, Route } from '../route.ts';
import type { Services } from '../services.ts';

/** Where agents post what they would have posted to callers' webhooks (A2A §4.3.3). */
export const pushRoutes: readonly Route[] = [
  {
    method: 'POST',
    path: `${pushPath}/{pushId}`,
    access: 'own',
    proof: 'webhookSecret',
    summary: "An agent's push notification, for the webhook of a caller",
    answers: [204],
    handle: takePush,
  },
];

/** Nothing is read of a body before its sender has proved itself. */
async function takePush(call: Call, { push, trail, config }: Services): Promise<Response> {
  const { request, params, note } = call;
  note.operation = 'PushNotification';
  const webhook = await push.intake.enter(params.pushId ?? '', proofsIn(request.headers));
  note.agentId = webhook.agent.agentId;
  note.isProven = true;
  trail?.admit();
  note.isLetThrough = true;
  requireJson(request);
  await push.intake.accept(webhook, await readText(call, config.push.maxBodyBytes));
  return noContent(call);
}
