import * as z from 'zod';
import { isLoopbackAddress, isLoopbackHost } from './loopback.ts';
import { parseUrl } from './parse-url.ts';

/** What only a gateway under test may be told. */
export const testingSchema = z.strictObject({
  anonymous: z
    .strictObject({
      scopes: z
        .array(
          z
            .string()
            .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, { error: 'must be a scope' })
            .refine((scope) => !scope.startsWith('gateway:'), {
              error: 'must not manage the gateway: whoever reaches it would',
            }),
        )
        .default([])
        .describe(
          'For conformance kits, which bring no token: scopes of every request without one. `listen.host` and `publicUrl` must then be loopback. Empty: a request without a token is refused.',
        ),
      subject: z
        .string()
        .min(1)
        .max(256)
        .default('anonymous')
        .describe('Whom such a request is logged, limited and kept apart as.'),
    })
    .prefault({}),
});

interface AnonymousSettings {
  testing: z.output<typeof testingSchema>;
  listen: { host: string };
  publicUrl: string;
  /** Absent where there is no such listener. */
  grpc?: { enabled: boolean; listen: { host: string }; publicAuthority?: string | undefined };
}

/** Whether requests without a token have a principal. */
export function allowsAnonymous({ testing }: Pick<AnonymousSettings, 'testing'>): boolean {
  return testing.anonymous.scopes.length > 0;
}

/**
 * Whether a request without a token can only come from this machine, as far as settings tell: every listener is bound to
 * loopback, by an address, because a name may come to mean another; and callers know no other way, such as a proxy's.
 */
export function keepsAnonymousHere(settings: AnonymousSettings): boolean {
  if (!allowsAnonymous(settings)) return true;
  const { listen, publicUrl, grpc } = settings;
  if (!isLoopbackAddress(listen.host) || !namesThisMachine(publicUrl)) return false;
  if (grpc?.enabled !== true) return true;
  return isLoopbackAddress(grpc.listen.host) && namesThisMachine(`http://${grpc.publicAuthority}`);
}

/** What is no URL has been refused as that. */
function namesThisMachine(text: string): boolean {
  const url = parseUrl(text);
  return url !== undefined && isLoopbackHost(url.hostname);
}
