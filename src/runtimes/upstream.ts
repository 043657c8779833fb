import type { Settings } from '../config.ts';
import type { Upstream } from '../ports.ts';
import type { NodeUpstreamOptions } from '../upstream/node-upstream.ts';
import type { ProxyOptions } from '../upstream/proxy.ts';
import type { UpstreamRules } from '../upstream/rules.ts';
import { readAuthorities } from './authorities.ts';

/**
 * The adapter a runtime calls out by: undici's where connections are worth keeping, Node's where a few small documents are
 * fetched, which halves a function. Given rather than imported, so that a bundle holds one of them.
 */
export type MakeUpstream<U extends Upstream = Upstream> = (options: NodeUpstreamOptions) => U;

/**
 * The way out as it is configured, to agents and what belongs to them.
 * @throws ConfigError for a file of authorities that is none
 * @throws TypeError on rules or a proxy that cannot be parsed
 */
export function openUpstream<U extends Upstream>(settings: Settings, make: MakeUpstream<U>): U {
  const { caFile: _, proxy: __, ...rules } = settings.upstream;
  return opened(settings, rules, make);
}

/**
 * The way out to webhooks: the same proxy and authorities, but rules of its own, since callers choose webhooks and must not
 * reach what agents may be on. @throws as `openUpstream`
 */
export function openWebhooks<U extends Upstream>(settings: Settings, make: MakeUpstream<U>): U {
  return opened(settings, settings.push.upstream, make);
}

function opened<U extends Upstream>(
  { upstream: { caFile, proxy }, deadlines }: Settings,
  rules: UpstreamRules,
  make: MakeUpstream<U>,
): U {
  return make({
    rules,
    ca: readAuthorities('upstream.caFile', caFile),
    proxy: proxyOf(proxy),
    connectTimeoutMs: deadlines.connectTimeoutMs,
  });
}

function proxyOf({ url, caFile, ...proxy }: Settings['upstream']['proxy']): ProxyOptions | undefined {
  if (url === undefined) return undefined;
  return { url, ...proxy, authorities: readAuthorities('upstream.proxy.caFile', caFile) };
}
