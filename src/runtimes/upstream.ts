import type { Settings } from '../config.ts';
import type { Upstream } from '../ports.ts';
import type { NodeUpstreamOptions } from '../upstream/node-upstream.ts';
import { readAuthorities } from './authorities.ts';

/**
 * The adapter a runtime calls out by: undici's where connections are worth keeping, Node's where a few small documents are
 * fetched, which halves a function. Given rather than imported, so that a bundle holds one of them.
 */
export type MakeUpstream<U extends Upstream = Upstream> = (options: NodeUpstreamOptions) => U;

/** The way out as it is configured. @throws ConfigError for a file of authorities that is none */
export function openUpstream<U extends Upstream>(
  { upstream: rules, deadlines }: Settings,
  make: MakeUpstream<U>,
): U {
  const ca = rules.caFile === undefined ? undefined : [readAuthorities(rules.caFile)];
  return make({ rules, ca, connectTimeoutMs: deadlines.connectTimeoutMs });
}
