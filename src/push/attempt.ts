import { type Failure, GatewayError } from '../failure.ts';
import type { Upstream, UpstreamResponse } from '../ports.ts';
import { type Notification, notificationHeaders } from './notification.ts';
import type { CallerWebhook } from './webhook.ts';

/** How often what failed so is tried again: as often as anything, some times only, or never. */
export type Patience = 'full' | 'little' | 'none';

export interface FailedAttempt {
  /** A short word for administrators: `address`, `unreachable`, `status_503`. */
  problem: string;
  patience: Patience;
  /** As the receiver wishes (RFC 9110 §10.2.3), from now. */
  retryAfterMs?: number;
}

export interface AttemptDeps {
  webhooks: Upstream;
  timeoutMs: number;
}

/** An answer is nobody's to read. This much of it is taken off the connection, so that it can be used again. */
const maxAnswerBytes = 4_096;
const answerTimeoutMs = 1_000;

/**
 * Posts a notification once. The address is judged anew, where the connection is made, for a name may lead elsewhere than
 * when the caller set it. No redirect is followed.
 *
 * @returns undefined when it has arrived: any 2xx says so (A2A §4.3.3)
 * @throws GatewayError `shutting_down`
 */
export async function attempt(
  { webhooks, timeoutMs }: AttemptDeps,
  webhook: CallerWebhook,
  notification: Notification,
  nowMs: number,
): Promise<FailedAttempt | undefined> {
  try {
    const response = await webhooks.send({
      method: 'POST',
      url: new URL(webhook.url),
      headers: await notificationHeaders(webhook, notification, nowMs),
      body: notification.body,
      headersTimeoutMs: timeoutMs,
      idleTimeoutMs: timeoutMs,
      totalTimeoutMs: timeoutMs,
      bytesTimeoutMs: answerTimeoutMs,
    });
    // What it has answered counts, whatever becomes of the rest.
    await response.bytes(maxAnswerBytes).catch(() => response.close());
    return judged(response, nowMs);
  } catch (error) {
    if (error instanceof GatewayError && error.failure.code !== 'shutting_down') return failed(error.failure);
    throw error;
  }
}

function judged(response: UpstreamResponse, nowMs: number): FailedAttempt | undefined {
  const { status } = response;
  if (status >= 200 && status < 300) return undefined;
  const retryAfterMs = wishOf(response.header('retry-after'), nowMs);
  return {
    problem: status >= 300 && status < 400 ? 'redirect' : `status_${status}`,
    patience: patienceWith(status),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

/**
 * Statuses that speak of this very notification: another attempt has little hope, and holds up what is behind it. All
 * others may be about the receiver, such as the 404 of one being deployed.
 */
const speaksOfBody: ReadonlySet<number> = new Set([400, 413, 415, 422]);

function patienceWith(status: number): Patience {
  if (status === 410) return 'none'; // It wants no more (RFC 9110 §15.5.11).
  return speaksOfBody.has(status) ? 'little' : 'full';
}

function wishOf(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs;
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}

/** Where it leads may not be called: knocking again would only tell the caller when that changes. */
function failed(failure: Failure): FailedAttempt {
  const isRefused = failure.code === 'upstream_address_refused';
  return { problem: problems[failure.code] ?? 'internal', patience: isRefused ? 'none' : 'full' };
}

const problems: Readonly<Partial<Record<Failure['code'], string>>> = {
  upstream_address_refused: 'address',
  upstream_unreachable: 'unreachable',
  upstream_tls_failed: 'tls',
  upstream_timeout: 'timeout',
  upstream_stalled: 'timeout',
  upstream_reset: 'reset',
  upstream_response_invalid: 'answer',
};
