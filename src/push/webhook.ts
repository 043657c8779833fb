import * as z from 'zod';
import { fieldName, headerSecret } from '../backends/header.ts';
import { fail, ok, type Result } from '../failure.ts';
import { parseUrl } from '../parse-url.ts';

/**
 * What a caller sets to be told of a task (A2A §4.3.1), less the ids. All of it is the caller's, and nobody else's to see:
 * kept sealed, sent to the receiver alone.
 */
export interface CallerWebhook {
  /** As the caller wrote it: an absolute URL of 2,048 characters at most. */
  url: string;
  /** Goes to the receiver as `X-A2A-Notification-Token`, and signs. */
  token?: string | undefined;
  authentication?: WebhookAuthentication | undefined;
}

/** What the receiver gets as `Authorization`, where both scheme and credentials are given. */
export interface WebhookAuthentication {
  scheme?: string | undefined;
  credentials?: string | undefined;
  /** All that 0.3 lists, where there are several; the first is `scheme`. */
  schemes?: readonly string[] | undefined;
}

/** No text is what 0.3 and ProtoJSON send for none. */
const absent = z
  .literal([''])
  .or(z.null())
  .transform(() => undefined);
const secret = headerSecret.or(absent).optional();
const scheme = fieldName.or(absent).optional();

const authentication = z
  .object({ scheme, credentials: secret, schemes: z.array(fieldName).max(16).optional() })
  .refine((given) => given.credentials === undefined || given.scheme !== undefined, { path: ['scheme'] });

const maxUrlChars = 2_048;

const webhook = z.object({
  url: z
    .string()
    .max(maxUrlChars)
    .refine((url) => parseUrl(url) !== undefined),
  token: secret,
  authentication: authentication.or(z.null().transform(() => undefined)).optional(),
});

/**
 * Reads a caller's configuration in the words of 1.0; members it does not know are left out. All of it goes into headers of
 * the gateway's own making, so that what could begin another header, or end one, is refused.
 *
 * Does not judge where the URL leads: `Upstream.refusal` and `Upstream.check` do.
 * Failure: `webhook_refused`, rule: the member that is wrong, such as `url` or `authentication.credentials`.
 */
export function parseWebhook(config: unknown): Result<CallerWebhook> {
  const parsed = webhook.safeParse(config);
  if (parsed.success) return ok(parsed.data);
  const [member = 'url'] = parsed.error.issues.map(({ path }) => path.slice(0, 2).join('.'));
  return fail({ code: 'webhook_refused', rule: member === '' ? 'url' : member });
}
