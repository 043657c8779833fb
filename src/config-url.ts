import * as z from 'zod';
import { isLoopbackHost } from './loopback.ts';

export const httpUrl = z.url({ protocol: /^https?$/ });

/** One that bearer tokens may travel to. */
export const confidentialUrl = httpUrl.refine(isConfidential, {
  error: 'must be https: tokens would cross the network in the clear',
});

/** TLS, or a URL that never leaves this machine. What is no URL has been refused as that. */
function isConfidential(url: string): boolean {
  if (!URL.canParse(url)) return true;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || isLoopbackHost(hostname);
}
