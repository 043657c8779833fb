import * as z from 'zod';
import { isLoopbackHost } from './loopback.ts';

/** Settings of the port on which callers speak gRPC. */

/** A name with a port, no scheme: what a gRPC interface of a card has for `url` (A2A §4.4.6). */
const authority = z.string().regex(/^(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:.]+\]):\d{1,5}$/, {
  error: 'must be host:port, in lower case and without a scheme',
});

const members = z.strictObject({
  enabled: z
    .boolean()
    .default(false)
    .describe('Whether callers are served over gRPC too, on a port of its own. Never on Lambda.'),
  publicAuthority: authority
    .optional()
    .describe(
      'Where callers reach that port, as `host:port`; agent cards name it. Needed where gRPC is enabled.',
    ),
  agentAuthorities: z
    .boolean()
    .default(false)
    .describe(
      'Whether each agent has an authority of its own, `{agentId}.` before `publicAuthority`, by a wildcard in DNS and certificate. Only so can agents be called over gRPC in 0.3, which names no tenant.',
    ),
  listen: z
    .strictObject({
      host: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
      port: z.int().min(0).max(65_535).default(50_051).describe('Port to listen on; 0 picks a free one.'),
    })
    .prefault({}),
  plaintext: z
    .boolean()
    .default(false)
    .describe(
      'Whether to serve without TLS beyond loopback too, because it is terminated before the gateway.',
    ),
  tls: z
    .strictObject({
      certificateFile: z
        .string()
        .min(1)
        .optional()
        .describe('PEM file of the certificate and its chain. Absent: plaintext. Read at the start.'),
      privateKeyFile: z.string().min(1).optional().describe('PEM file of its private key.'),
    })
    .prefault({}),
  maxConcurrentStreams: z
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .describe('Calls under way on one connection; further ones wait at the client.'),
});

/** What must hold where gRPC is enabled; the rest may lie there unused. */
const whereEnabled: readonly { path: string[]; error: string; holds(grpc: GrpcSettings): boolean }[] = [
  {
    path: ['publicAuthority'],
    error: 'needed where grpc is enabled',
    holds: ({ publicAuthority }) => publicAuthority !== undefined,
  },
  {
    path: ['agentAuthorities'],
    error: 'needs a name in grpc.publicAuthority: nothing can stand before an address',
    holds: ({ agentAuthorities, publicAuthority = '' }) =>
      !agentAuthorities || !isAddress(hostOf(publicAuthority)),
  },
  {
    path: ['tls'],
    error: 'needs both certificateFile and privateKeyFile, or neither',
    holds: ({ tls }) => (tls.certificateFile === undefined) === (tls.privateKeyFile === undefined),
  },
  {
    path: ['plaintext'],
    error: 'contradicts grpc.tls',
    holds: ({ plaintext, tls }) => !plaintext || tls.certificateFile === undefined,
  },
  {
    path: ['tls'],
    error: 'needed beyond loopback, or set grpc.plaintext: tokens would cross the network in the clear',
    holds: ({ plaintext, tls, listen }) =>
      plaintext || tls.certificateFile !== undefined || isLoopbackHost(listen.host),
  },
];

export type GrpcSettings = z.output<typeof members>;

export const grpcSchema = members.superRefine((grpc, context) => {
  if (!grpc.enabled) return;
  for (const { path, error, holds } of whereEnabled)
    if (!holds(grpc)) context.addIssue({ code: 'custom', path, message: error });
});

function hostOf(hostAndPort: string): string {
  return hostAndPort.slice(0, hostAndPort.lastIndexOf(':'));
}

function isAddress(host: string): boolean {
  return host.startsWith('[') || /^\d+(?:\.\d+){3}$/.test(host);
}
