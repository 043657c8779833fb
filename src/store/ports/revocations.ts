import type { Audited } from './audit.ts';
import type { Page, PageRequest } from './page.ts';

/**
 * Who is refused in spite of a token that is good. Revocations add up: a principal is refused while any of them holds. One
 * that has expired is none, swept or not.
 */
export interface RevocationStore {
  /** A random text, another one after every write. Cheap: one row is read. */
  version(): Promise<string>;
  /** All there are, in no order, and a version that is theirs or one before. */
  snapshot(nowMs: number): Promise<RevocationSnapshot>;
  get(revocationId: string, nowMs: number): Promise<Revocation | undefined>;
  /** False, and nothing is changed: there are `maxRevocations` at `createdAtMs`, or one with this id. */
  create(revocation: Revocation, maxRevocations: number, audited?: Audited): Promise<boolean>;
  /** False: there is none, expired or not. */
  delete(revocationId: string, audited?: Audited): Promise<boolean>;
  /** In the order of their ids. @param filter only those of this target */
  list(filter: { target?: RevokedTarget }, page: PageRequest, nowMs: number): Promise<Page<Revocation>>;
  /** Deletes some of what has expired by then; nothing where the store does so by itself. */
  sweep(nowMs: number): Promise<void>;
}

export interface RevocationSnapshot {
  version: string;
  revocations: Revocation[];
}

/** What a revocation is about, as the issuer spells it: any texts. */
export interface RevokedTarget {
  kind: RevokedKind;
  issuer: string;
  /** A subject, a client id or a token id (`jti`). */
  id: string;
}

export type RevokedKind = 'principal' | 'client' | 'token';

export interface Revocation extends RevokedTarget {
  /** A short ASCII text of the gateway's own making. */
  revocationId: string;
  /** Only tokens issued before it, seconds since the epoch. Absent: all. */
  issuedBeforeSeconds?: number;
  reason?: string;
  createdAtMs: number;
  createdBy: { issuer: string; subject: string; clientId?: string };
  /** Absent: it holds until it is lifted. */
  expiresAtMs?: number;
}
