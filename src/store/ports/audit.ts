/**
 * The trail of what was asked, decided and changed. Each writer keeps a chain of its own: segments of one or more records, each
 * sealed together with the one before it.
 */
export interface AuditStore {
  /**
   * Keeps a segment, and adds what it tells of use, in one transaction: both or neither. The same segment may be sent again
   * where it is not known what became of it: what is there already is not added twice. False, and nothing is changed, where
   * another segment has its place.
   *
   * Does not check that the segment goes on with its chain.
   * @param usage {@link maxUsageDeltas} at most, no two of one day, principal and agent
   */
  append(segment: AuditSegment, usage: readonly UsageDelta[]): Promise<boolean>;
  /** Those of the range that have not expired, the newest first. A page may be short, or empty, and have a next one. */
  list(range: AuditRange, page: AuditPageRequest): Promise<AuditPage>;
  /** Every segment there is, expired or not, in the order of time; those of one time in the order of chain and sequence. */
  scan(): Promise<AsyncIterable<AuditSegment>>;
  /** The last known of every chain, expired or not. */
  heads(): Promise<AsyncIterable<AuditHead>>;
  /** Deletes some of what has expired by then, `sweptAtOnce` at most; nothing where the store does so by itself. */
  sweep(nowMs: number): Promise<void>;
}

/** As much of one chain as is written at once. */
export interface AuditSegment {
  /** Random: of one writer, and never of another. Letters, digits and `-`, 36 at most. */
  chainId: string;
  /** 1 for the first of a chain, and by one more for each. */
  sequence: number;
  /** When it was made; never before the one before it. */
  atMs: number;
  /** Until when it must be there; never before the one before it. May be deleted from then on. */
  expiresAtMs: number;
  /** JSON objects of the gateway's own making, one a line, each with its line feed: {@link maxSegmentBytes} at most. */
  records: string;
  /** Seal of the segment before; empty in the first. */
  previousSeal: string;
  /** `atMs` of the segment before, 0 in the first. */
  previousAtMs: number;
  /** `expiresAtMs` of the segment before, 0 in the first: tells whether one that is missing may be. */
  previousExpiresAtMs: number;
  /** Over all the other members, by a key that is not in the store. */
  seal: string;
}

/** Bytes of UTF-8 in one segment: DynamoDB takes 400 KB an item. */
export const maxSegmentBytes = 262_144;

/**
 * How far a chain goes, kept beside it, so that an end that is cut off is missed. A store may keep it a little behind,
 * {@link headLagMs} at most, and keeps it a day longer than the chain.
 */
export interface AuditHead
  extends Pick<AuditSegment, 'chainId' | 'sequence' | 'seal' | 'atMs' | 'expiresAtMs'> {}

export const headLagMs = 10_000;
/** For how much longer than its segment a head is kept: what deletes by time may be early for neither. */
export const headGraceMs = 86_400_000;

/** `fromMs` included, `toMs` not. */
export interface AuditRange {
  fromMs: number;
  toMs: number;
  /** What has expired by then is not listed. */
  nowMs: number;
}

export interface AuditPageRequest {
  /** 1 to 100. */
  size: number;
  /** `next` of the page before. Any other text may be given, and leads anywhere in the range. */
  after?: string;
}

export interface AuditPage {
  segments: AuditSegment[];
  /** Where to go on; absent on the last page. A short text of the store's own making, safe to hand out. */
  next?: string;
}

/** What one principal has had of one agent on one day, to be added to what is there. */
export interface UsageDelta extends UsageKey, UsageCounts {
  clientId?: string;
  /** Until when it is kept, rounded up to the second. Where several are given for one row, the largest or the last counts. */
  expiresAtMs: number;
}

export interface UsageKey {
  /** `YYYY-MM-DD`, UTC. */
  day: string;
  issuer: string;
  subject: string;
  agentId: string;
}

/** None is negative. */
export interface UsageCounts {
  calls: number;
  errors: number;
  streams: number;
  streamMs: number;
  requestBytes: number;
  responseBytes: number;
}

/** What a transaction takes beside a segment. */
export const maxUsageDeltas = 90;

/** What was used, by day, principal and agent. */
export interface UsageStore {
  /**
   * What matches and has not expired, in the order of days, and in one of the store's own within a day. A page may be short,
   * or empty, and have a next one.
   */
  list(filter: UsageFilter, page: AuditPageRequest): Promise<UsagePage>;
  /** Deletes some of what has expired by then, `sweptAtOnce` at most; nothing where the store does so by itself. */
  sweep(nowMs: number): Promise<void>;
}

export interface UsageFilter {
  /** First day and last, both included. */
  from: string;
  to: string;
  issuer?: string;
  subject?: string;
  agentId?: string;
  /** What has expired by then is not listed. */
  nowMs: number;
}

export type UsageRow = UsageKey & UsageCounts & { clientId?: string };

export interface UsagePage {
  rows: UsageRow[];
  /** As in {@link AuditPage}. */
  next?: string;
}

/** What a write of management takes along: a segment that tells of it, written with it or not at all. */
export interface Audited {
  audit?: AuditSegment;
}
