import type { AgentDeadlines, AgentLimits } from '../src/backends/backend-config.ts';
import type { OwnershipMode } from '../src/ownership/ownership.ts';
import type { PermissionOperation } from '../src/protocol/permission-operations.ts';

/**
 * How the gateway authenticates at a seeded agent: a kind and its members, as in docs/backends.md. Every secret member, a
 * companion's too, is an `ISecret` of Secrets Manager whose whole text it is, never the text: templates can be read.
 */
export interface SeedAuthConfig {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** Where a seeded agent runs: a kind and its members, as in docs/backends.md. */
export interface SeedBackend {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** An agent registered by the deployment; names as in the body of `POST /admin/agents`. */
export interface SeedAgent {
  readonly agentId: string;
  /** @default - what the kind of backend derives, where it does */
  readonly agentCardUrl?: string;
  /** @default - the card URL's origin */
  readonly backendUrl?: string;
  /** @default - an A2A server at the URLs above */
  readonly backend?: SeedBackend;
  /** @default - none */
  readonly authConfig?: SeedAuthConfig;
  /** PEM certificates of authorities trusted for this agent. @default - the public ones */
  readonly caCertificates?: string;
  /** @default - the gateway's own */
  readonly deadlines?: AgentDeadlines;
  /** @default - the gateway's own */
  readonly limits?: AgentLimits;
  /** @default - none */
  readonly tags?: readonly string[];
  /** @default false */
  readonly publicCard?: boolean;
  /** Whose its tasks and contexts are. @default principal */
  readonly ownership?: OwnershipMode;
}

/** How much a caller may do with an agent. 0: nothing at all. */
export interface SeedLimits {
  /** In any 60 seconds. @default - the gateway's own */
  readonly requestsPerMinute?: number;
  /** How many of a minute's may come at once. @default - all of them */
  readonly burst?: number;
  /** From midnight to midnight, UTC. @default - the gateway's own */
  readonly requestsPerDay?: number;
  /** @default - the gateway's own */
  readonly maxOpenStreams?: number;
  /** @default - the gateway's own */
  readonly maxBodyBytes?: number;
}

/** What a scope, `group:<name>` or `client:<id>` is granted; names as in the body of `PUT /admin/permissions/{scope}`. */
export interface SeedPermission extends SeedLimits {
  readonly scope: string;
  /** Agent ids, globs with `*`, or `tag:<tag>`. */
  readonly allowedAgents: readonly string[];
  /** As `allowedAgents`: taken from whoever has this permission, whatever others grant. @default - none */
  readonly deniedAgents?: readonly string[];
  /** @default - send, stream, read, cancel */
  readonly operations?: readonly PermissionOperation[];
  /** By agent id: skills, or globs of them, one of which a message has to name. @default - any message */
  readonly allowedSkills?: Readonly<Record<string, readonly string[]>>;
  /** A condition in Cedar. Needs `conditions`. @default - none */
  readonly condition?: string;
  /** By agent id, in the place of the permission's own. A number: of `requestsPerMinute` alone. @default - none */
  readonly agentLimits?: Readonly<Record<string, number | SeedLimits>>;
  /** @default - none */
  readonly description?: string;
}
