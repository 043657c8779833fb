import type { Principal } from '../access/principal.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { CallerWebhook } from './webhook.ts';

/**
 * What of webhooks is kept sealed. Each seal is bound to the row it stands in, so that whoever can write the store cannot
 * have one caller's notifications sent to another's webhook.
 */

/** What a receiver gets. */
export interface PushBody {
  contentType: string;
  /** JSON, in the version in which the caller set its webhook. */
  body: string;
}

/** Which body: of one delivery, in one lane. */
export interface BodyPlace {
  pushId: string;
  deliveryId: string;
}

/** A webhook, and who has set it, as the token told: by that it is judged whenever there is something to tell. */
export interface SetWebhook {
  webhook: CallerWebhook;
  setBy: Principal;
}

export function sealWebhook(sealer: Sealer, set: SetWebhook, pushId: string): Promise<string> {
  return sealer.seal(JSON.stringify(set), webhookPurpose(pushId));
}

/** Undefined for what cannot be opened: its key is gone, or it was altered. @throws what `Sealer.open` throws */
export async function openWebhook(
  sealer: Sealer,
  sealed: string,
  pushId: string,
): Promise<SetWebhook | undefined> {
  const text = await sealer.open(sealed, webhookPurpose(pushId));
  return text === undefined ? undefined : (JSON.parse(text) as SetWebhook); // As `sealWebhook` wrote it.
}

export function sealBody(sealer: Sealer, body: PushBody, place: BodyPlace): Promise<string> {
  return sealer.seal(JSON.stringify(body), bodyPurpose(place));
}

/** As `openWebhook`. */
export async function openBody(
  sealer: Sealer,
  sealed: string,
  place: BodyPlace,
): Promise<PushBody | undefined> {
  const text = await sealer.open(sealed, bodyPurpose(place));
  return text === undefined ? undefined : (JSON.parse(text) as PushBody); // As `sealBody` wrote it.
}

function webhookPurpose(pushId: string): string {
  return `push webhook ${pushId}`;
}

function bodyPurpose({ pushId, deliveryId }: BodyPlace): string {
  return `push body ${pushId} ${deliveryId}`;
}
