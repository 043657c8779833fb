import type { Quantities } from './cost-model.ts';

/** What it takes that a request is judged, counted and recorded, beside the reads of agents and scopes. */
export interface ControlShape {
  /** Functions that judge it: the core, and the authorizer where it is asked. */
  judges: number;
  /** To whom permissions may be given beside the scopes: the client, and each group. */
  grantees: number;
  /** Records of it: one, or two of a stream. */
  records: number;
  /** Of these, the ones by which use of an agent is added up. */
  uses: number;
  /** Records that are the first of their process in 10 s, with which the end of its chain is written. */
  headShare: number;
  /** Limits it is counted under in the table: a minute's, a day's. */
  limits: number;
}

export const controlDefaults: Omit<ControlShape, 'judges'> = {
  grantees: 1,
  records: 1,
  uses: 1,
  // A process that serves a send every two seconds.
  headShare: 0.2,
  // None unless permissions or settings say so.
  limits: 0,
};

/** Record and its chain, usually; what is added up, and the end of a chain, are less. */
export const itemKb = 1;
/** Written in one transaction, in which everything costs double. */
const unitsOfTransaction = 2;
/** Whether anything was revoked is asked of the table every two seconds, so hardly less often than it is called. */
const revocationReads = 1;

export function controlQuantities(
  shape: ControlShape,
): Required<Pick<Quantities, 'dynamoRead' | 'dynamoWrite'>> {
  const { judges, grantees, records, uses, headShare, limits } = shape;
  return {
    dynamoRead: judges * (revocationReads + grantees),
    dynamoWrite: unitsOfTransaction * itemKb * (records * (1 + headShare) + uses) + limits,
  };
}

/** From one judgement of an open stream that reads the table to the next: it is judged every 1.5 s by what is 2 s old at most. */
const judgedSeconds = 3;
/** Revocations; two scopes and the client; an agent of 8 KB. A process of Lambda has one stream, and shares them with none. */
const judgementReads = 1 + 3 + 2;

/** Read units of a second of a stream. */
export const streamReads = judgementReads / judgedSeconds;
