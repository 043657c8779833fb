import type * as z from 'zod';
import type { Clock, NewId, Upstream } from '../ports.ts';
import type { AwsSigner } from './aws/signer.ts';
import type { IdentitySigner } from './identity/identity-signer.ts';
import type { CallFacts, OutgoingRequest } from './request.ts';

/** A kind's members as they are once parsed. */
export type Parsed<Shape extends z.ZodRawShape> = z.output<z.ZodObject<Shape>>;

/**
 * One kind of credential, chosen by `authConfig.type`: one file each in `credentials/`, listed in `kinds.ts`. The
 * registration schema, the OpenAPI document and `docs/backends.md` are made of it.
 */
export interface CredentialKind<
  Members extends z.ZodRawShape = z.ZodRawShape,
  Secrets extends z.ZodRawShape = z.ZodRawShape,
> {
  readonly type: string;
  /** What a backend is presented with; one sentence for the docs. */
  readonly summary: string;
  /** Further paragraphs for the docs, in Markdown: limits, what the backend must be set up for. */
  readonly notes?: string;
  /** `authConfig` of a registration; a test holds it against the schema. */
  readonly example: Readonly<Record<string, unknown>>;
  /** Shown by the management routes. Every member has a description. */
  readonly members: Members;
  /** Write-only texts: sealed, kept apart from the agent, in no answer and no log. */
  readonly secrets: Secrets;
  /** What single members cannot tell, such as two that exclude each other. Undefined: nothing is wrong. */
  problemWith?(given: Parsed<Members> & Parsed<Secrets>): MemberProblem | undefined;
  /** A header of the registration's own choice: no two parts of a configuration may choose the same. */
  headerOf?(members: Parsed<Members>): string | undefined;
  /** URLs the gateway will call for the credential, by member: judged when it is registered. */
  addresses?(members: Parsed<Members>): Readonly<Record<string, string>>;
  /** Whose authority the credential lends the agent beside that of the secret its owner brought. Default: nobody's. */
  borrows?(members: Parsed<Members>): Lender | undefined;
  /** Why gRPC cannot carry it. Default: it can. */
  notOverGrpc?(members: Parsed<Members>): string | undefined;
  /** Whether it is made of who calls, so that a call in nobody's name has none. Default: it is not. */
  needsCaller?(members: Parsed<Members>): boolean;
  /** Makes what presents such credentials; called once a process. */
  open(deps: CredentialDeps): Credential<Parsed<Members>, Parsed<Secrets>>;
}

/**
 * `gateway`: what the gateway may do in its own name. Only an administrator gives such a credential, because the card is
 * fetched with it before anybody has approved the agent. `caller`: what the caller may do. An administrator approves
 * every change of such a credential, because it says where callers' tokens go.
 */
export type Lender = 'gateway' | 'caller';

export interface MemberProblem {
  member: string;
  problem: string;
}

export interface CredentialDeps {
  upstream: Upstream;
  clock: Clock;
  newId: NewId;
  identity: IdentitySigner;
  aws: AwsSigner;
}

export interface Credential<Members, Secrets> {
  /**
   * The request with what authenticates the gateway to the backend.
   *
   * @param refused the request a backend has just answered with 401: what it carried is not presented again
   * @returns undefined where there is nothing else to present
   * @throws GatewayError `credential_unavailable`
   */
  apply(
    request: OutgoingRequest,
    use: CredentialUse<Members, Secrets>,
    refused?: OutgoingRequest,
  ): OutgoingRequest | undefined | Promise<OutgoingRequest | undefined>;
  /**
   * When what is held for this version stops being good, in milliseconds since the epoch; undefined where nothing is
   * held or it does not expire.
   */
  expiresAtMs?(use: Omit<CredentialUse<Members, Secrets>, 'call'>): number | undefined;
}

/** One credential of one agent, about to be presented. */
export interface CredentialUse<Members, Secrets> {
  members: Members;
  secrets: Secrets;
  /** Another with every change of a member or a secret: what is derived from the credential is kept by it. */
  version: string;
  call: CallFacts;
}

/** Keeps the types of a kind together while it is written; the list forgets them. */
export function credentialKind<Members extends z.ZodRawShape, Secrets extends z.ZodRawShape>(
  kind: CredentialKind<Members, Secrets>,
): CredentialKind<Members, Secrets> {
  return kind;
}
