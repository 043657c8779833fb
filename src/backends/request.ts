import type { Principal } from '../access/principal.ts';
import type { ConnectionOptions, UpstreamRequest } from '../ports.ts';

/** A request on its way out: what credentials and targets work on. Never changed in place. */
export type OutgoingRequest = Pick<UpstreamRequest, 'method' | 'url' | 'headers' | 'body'> & {
  connection?: ConnectionOptions;
};

/** Who a call is made for, and about what, as far as backends may be told. */
export interface CallFacts {
  agentId: string;
  requestId: string;
  /** Absent where the gateway calls for itself: a card, a probe. */
  caller?: Caller;
}

export interface Caller {
  principal: Principal;
  /** The caller's own bearer token, verified. It leaves the gateway towards a token endpoint only (RFC 8693). */
  token: string;
}
