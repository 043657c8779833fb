import type { JsonObject } from '../bridge/core-call.ts';
import { sha256Hex, toBase64Url } from '../protocol/bytes.ts';

/** The gateway's own webhook, which an agent gets in place of a caller's. */
export interface AgentWebhook {
  /** Names it. */
  pushId: string;
  /** What the agent proves itself with, there and nowhere else. Kept as a digest only. */
  secret: string;
  /** As caller and agent know the configuration. */
  configId: string;
}

/** Where agents post, below the public URL. */
export const pushPath = '/push';

const secretBytes = 32;

/** Unguessable, and safe in a header. */
export function newSecret(): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(secretBytes)));
}

/**
 * The configuration as the agent is given it, in the words of 1.0. The secret stands in both places there are for one,
 * because agents differ in which they show (A2A §4.3.3; the SDKs' `X-A2A-Notification-Token`).
 */
export function agentConfig({ pushId, secret, configId }: AgentWebhook, publicUrl: string): JsonObject {
  return {
    id: configId,
    url: `${publicUrl.replace(/\/$/, '')}${pushPath}/${pushId}`,
    token: secret,
    authentication: { scheme: 'Bearer', credentials: secret },
  };
}

/** What whoever posts shows for a secret. */
export function proofsIn(headers: Headers): readonly string[] {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  const token = headers.get('x-a2a-notification-token') ?? undefined;
  return [bearer, token].filter((proof) => proof !== undefined);
}

/** Whether one of the proofs is the secret. Takes as long whatever they have in common with it. */
export async function isProved(proofs: readonly string[], secretHash: string): Promise<boolean> {
  const digests = await Promise.all(proofs.map(sha256Hex));
  return digests.map((digest) => isEqual(digest, secretHash)).includes(true);
}

function isEqual(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let at = 0; at < one.length; at++) difference |= one.charCodeAt(at) ^ other.charCodeAt(at);
  return difference === 0;
}
