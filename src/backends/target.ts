import type * as z from 'zod';
import type { UpstreamResponse } from '../ports.ts';
import type { AgentCard } from '../protocol/card.ts';
import type { Parsed } from './credential.ts';
import type { OutgoingRequest } from './request.ts';

/**
 * One kind of place an agent runs at, chosen by `backend.type`: one file each in `targets/`, listed in `kinds.ts`. The
 * registration schema, the OpenAPI document and `docs/backends.md` are made of it. All are pure: what is sent goes
 * through the one way out.
 */
export interface TargetKind<Members extends z.ZodRawShape = z.ZodRawShape> {
  readonly type: string;
  /** One sentence for the docs. */
  readonly summary: string;
  /** Further paragraphs for the docs, in Markdown: limits, what the backend must be set up for. */
  readonly notes?: string;
  /** `backend` of a registration; a test holds it against the schema. */
  readonly example: Readonly<Record<string, unknown>>;
  /** Every member has a description. */
  readonly members: Members;
  /** What single members cannot tell. Undefined: nothing is wrong. */
  problemWith?(
    members: Parsed<Members>,
    given: GivenAddresses,
  ): { member: string; problem: string } | undefined;
  /** Where the card is and which origins calls may go to. The given addresses count where the kind derives none. */
  locate(members: Parsed<Members>, given: GivenAddresses): Location;
  /** Whether the card is fetched with the agent's credential, because the platform lets nobody else read it. */
  cardNeedsCredential(members: Parsed<Members>): boolean;
  /**
   * How every URL begins that the credential may be presented at, where a platform has others' agents at the same origin.
   * Default: the registered origins, and the card's where the card needs the credential.
   */
  credentialPlace?(members: Parsed<Members>): string;
  /**
   * The card with the interfaces as they are reached, where the platform decides that and the card cannot know.
   * Default: as it is.
   */
  adoptCard?(card: AgentCard, members: Parsed<Members>): AgentCard;
  /** Region and service requests are signed for, where the kind knows them: defaults of `aws_sigv4`. */
  signing?(members: Parsed<Members>): { region: string; service: string } | undefined;
  /** Whether gRPC reaches the agent as it is, on a port of its own. Default: it does not. */
  readonly hasGrpc?: true;
  /** Types of `authConfig` the platform takes. Default: all. */
  readonly credentials?: readonly string[];
  /** What a conversation sticks to. Default: nothing. */
  stickiness?(members: Parsed<Members>): Stickiness;
  /**
   * The request as the platform takes it, before the credential is added. Its `url` is that of the card's interface.
   */
  toBackend?(request: OutgoingRequest, members: Parsed<Members>, call: TargetCall): OutgoingRequest;
  /**
   * The agent's own answer, taken out of what the platform wrapped it in; the platform's own errors as failures.
   * @throws GatewayError `upstream_unavailable`, `upstream_response_invalid`, `upstream_unauthorized` and their kin
   */
  fromBackend?(response: UpstreamResponse, members: Parsed<Members>): Promise<UpstreamResponse>;
}

/** One of several origins, or a session of the platform. */
export type Stickiness = 'none' | 'origin' | 'session';

/** What a platform may be told of a call beside its request. */
export interface TargetCall {
  /** Chosen by the gateway where conversations stick to sessions. */
  session?: string | undefined;
  requestId: string;
  nowMs: number;
}

/** Addresses given beside the target. */
export interface GivenAddresses {
  agentCardUrl?: string | undefined;
  backendUrl?: string | undefined;
}

export interface Location {
  agentCardUrl: string;
  /** The registered origins, the preferred first: cards' interfaces are on one of them, and calls go nowhere else. */
  origins: readonly Origin[];
}

export interface Origin {
  /** As `URL.origin` has it. */
  origin: string;
  /** Share of the calls, against the other origins' weights. */
  weight: number;
}

/** Keeps the types of a kind together while it is written; the list forgets them. */
export function targetKind<Members extends z.ZodRawShape>(kind: TargetKind<Members>): TargetKind<Members> {
  return kind;
}
