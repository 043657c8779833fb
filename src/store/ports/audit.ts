/**
 * The trail of what was asked, decided and changed. Each writer keeps a chain of its own: segments of one or more records, each
 * sealed together with the one before it.
 */

/** As much of one chain as is written at once. */
export interface AuditSegment {
  /** Random: of one writer, and never of another. */
  chainId: string;
  /** 1 for the first of a chain, and by one more for each. */
  sequence: number;
  /** Of its newest record. */
  atMs: number;
  /** JSON objects of the gateway's own making, one a line, each with its line feed. */
  records: string;
  /** Seal of the segment before; empty in the first. */
  previousSeal: string;
  /** `atMs` of the segment before, 0 in the first: tells whether one that is missing may be, by its age. */
  previousAtMs: number;
  /** Over all the other members, by a key that is not in the store. */
  seal: string;
}

/** What one principal has had of one agent on one day, to be added to what is there. */
export interface UsageDelta {
  /** `YYYY-MM-DD`, UTC. */
  day: string;
  issuer: string;
  subject: string;
  clientId?: string;
  agentId: string;
  calls: number;
  errors: number;
  streams: number;
  streamMs: number;
  requestBytes: number;
  responseBytes: number;
}

/** What a write of management takes along: a segment that tells of it, written with it or not at all. */
export interface Audited {
  audit?: AuditSegment;
}
