import * as z from 'zod';
import { httpUrl } from './config-url.ts';

/** Settings of the way out: what the gateway may call, and through what. */

const proxySchema = z
  .strictObject({
    url: httpUrl
      .optional()
      .describe(
        'Proxy through which agents, cards, issuers and webhooks are called, by `CONNECT`. May hold `user:password@`. Absent: none.',
      ),
    resolveNames: z
      .enum(['gateway', 'proxy'])
      .default('gateway')
      .describe(
        'Who turns names into addresses. `proxy`: it alone decides where a name leads, and must itself refuse addresses that are not public.',
      ),
    bypassHosts: z
      .array(z.string().min(1))
      .default([])
      .describe('Hosts called without the proxy, in the form of `allowHosts`.'),
    caFile: z
      .string()
      .min(1)
      .optional()
      .describe('PEM file of further certificate authorities for a proxy called by `https`.'),
  })
  .refine(({ url, bypassHosts, caFile }) => url !== undefined || (bypassHosts.length === 0 && !caFile), {
    path: ['url'],
    error: 'needed where a proxy is described',
  });

/** What may be called, of agents and what belongs to them or of webhooks. */
export function ruleMembers({ what }: { what: string }) {
  return {
    allowHttp: z.boolean().default(false).describe(`Let ${what} be reached without TLS.`),
    allowPorts: z
      .array(z.int().min(1).max(65_535))
      .default([])
      .describe(
        'Only these ports are called. Empty: 443, 80 where `allowHttp` is set, and those from 1024 on but the well-known ports of stores, queues and control planes.',
      ),
    allowHosts: z
      .array(z.string().min(1))
      .default([])
      .describe('Only these hosts are called (`*.example.com` for all below one). Empty: all.'),
    denyHosts: z.array(z.string().min(1)).default([]).describe('These hosts are never called.'),
    allowAddresses: z
      .array(z.string().min(1))
      .default([])
      .describe('Address ranges (CIDR) called though they are not public, such as `10.20.0.0/16`.'),
  };
}

export const upstreamSchema = z.strictObject({
  ...ruleMembers({ what: 'agents, cards and issuers' }),
  caFile: z
    .string()
    .min(1)
    .optional()
    .describe('PEM file of further certificate authorities for agents and webhooks.'),
  proxy: proxySchema.prefault({}),
});
