import * as z from 'zod';
import { isLoopbackHost } from './loopback.ts';
import { parseUrl } from './parse-url.ts';

export const httpUrl = z.url({ protocol: /^https?$/ });

/** One that bearer tokens may travel to. */
export const confidentialUrl = httpUrl.refine(isConfidential, {
  error: 'must be https: tokens would cross the network in the clear',
});

/** TLS, or a URL that never leaves this machine. What is no URL has been refused as that. */
function isConfidential(text: string): boolean {
  const url = parseUrl(text);
  return url === undefined || url.protocol === 'https:' || isLoopbackHost(url.hostname);
}
