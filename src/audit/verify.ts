import { type AuditHead, type AuditSegment, headLagMs } from '../store/ports/audit.ts';
import { sealedText } from './chain.ts';
import type { AuditSeals } from './seals.ts';

/** What is wrong with a trail, and where. */
export interface AuditFinding {
  chainId: string;
  /** Of the segment that is wrong, or the first that is missing. */
  sequence: number;
  /** The last that is missing. */
  toSequence?: number;
  problem: AuditProblem;
}

export type AuditProblem =
  /** What it holds is not what was sealed: changed, moved from another chain, or made by somebody without the key. */
  | 'altered'
  /** It names a key that is not among the secrets, or none: of another gateway, or forged. */
  | 'unknown_key'
  /** Sealed here, but not behind the segment that now is before it. */
  | 'unlinked'
  /** There must be one, and is none: between two others, before the first, or behind the last. */
  | 'missing'
  /** There is another of its number. */
  | 'repeated'
  /** It stands behind one that was made later. */
  | 'reordered'
  /** A chain of which it is not known how far it goes. */
  | 'head_missing'
  /** Another segment of that number was there before. */
  | 'replaced';

export interface Trail {
  /** Those of a chain in their order, as they are found; chains may be mixed. */
  segments: AsyncIterable<AuditSegment> | Iterable<AuditSegment>;
  /** How far chains go: what the store keeps, and what was noted elsewhere before. */
  heads: AsyncIterable<AuditHead> | Iterable<AuditHead>;
  /**
   * Whether every chain should have one of the heads, and its beginning unless that has expired: so it is of a whole store,
   * not of an export. Default true.
   */
  isWhole?: boolean;
}

/** What was looked at. */
export interface Verified {
  segments: number;
  findings: number;
  /** Of every chain, the last segment that is genuine: to be kept elsewhere, and held against the trail later. */
  heads: AuditHead[];
}

/**
 * Holds a trail against its seals and heads, and yields what is wrong as it is found. What has expired by `nowMs` may be
 * missing; what is there of it is judged as ever. Processes may write meanwhile: `nowMs` is from before anything was read.
 *
 * Does not find what was cut off the end of a chain together with its head, set back to an earlier one, nor a whole chain
 * that is gone with its head: only a head that was noted elsewhere does.
 *
 * @throws what `Secrets` and the store throw
 */
export async function* verifyTrail(
  { segments, heads, isWhole = true }: Trail,
  seals: AuditSeals,
  nowMs: number,
): AsyncGenerator<AuditFinding, Verified, void> {
  const expected = await byChain(heads);
  const chains = new Map<string, ChainReader>();
  const verified: Verified = { segments: 0, findings: 0, heads: [] };
  for await (const segment of segments) {
    verified.segments++;
    const reader = chains.get(segment.chainId) ?? new ChainReader(expected.get(segment.chainId), isWhole);
    chains.set(segment.chainId, reader);
    const verdict = await seals.judge(sealedText(segment), segment.seal);
    for (const finding of reader.read(segment, verdict, nowMs)) {
      verified.findings++;
      yield finding;
    }
  }
  for (const finding of ends(chains, expected, isWhole, nowMs)) {
    verified.findings++;
    yield finding;
  }
  verified.heads = [...chains.values()].map(({ last }) => last).filter((last) => last !== undefined);
  return verified;
}

async function byChain(heads: Trail['heads']): Promise<Map<string, AuditHead[]>> {
  const expected = new Map<string, AuditHead[]>();
  for await (const head of heads) {
    const others = expected.get(head.chainId);
    if (others === undefined) expected.set(head.chainId, [head]);
    else others.push(head);
  }
  return expected;
}

/** What is missed when all has been read. */
function* ends(
  chains: ReadonlyMap<string, ChainReader>,
  expected: ReadonlyMap<string, readonly AuditHead[]>,
  isWhole: boolean,
  nowMs: number,
): Generator<AuditFinding> {
  for (const [chainId, heads] of expected) {
    const last = chains.get(chainId)?.sequence ?? 0;
    const alive = heads.filter(({ expiresAtMs }) => expiresAtMs > nowMs);
    const toSequence = Math.max(0, ...alive.map(({ sequence }) => sequence));
    if (toSequence > last) yield { chainId, sequence: last + 1, toSequence, problem: 'missing' };
  }
  if (!isWhole) return;
  for (const [chainId, { last }] of chains) {
    if (last === undefined || last.expiresAtMs <= nowMs || expected.has(chainId)) continue;
    // A store may keep the head a little later, and a chain may have begun since the heads were read.
    if (last.atMs > nowMs - headLagMs) continue;
    yield { chainId, sequence: last.sequence, problem: 'head_missing' };
  }
}

/** Reads one chain, and remembers no more of it than where it is. */
class ChainReader {
  /** Number and seal of the last segment in its place, genuine or not. */
  sequence = 0;
  #seal = '';
  /** The last one that is genuine. */
  last: AuditHead | undefined;
  readonly #gaps: { from: number; to: number }[] = [];
  readonly #expected: readonly AuditHead[];
  readonly #hasBeginning: boolean;

  constructor(expected: readonly AuditHead[] = [], hasBeginning = true) {
    this.#expected = expected;
    this.#hasBeginning = hasBeginning;
  }

  *read(
    segment: AuditSegment,
    verdict: 'genuine' | 'false' | 'unknown_key',
    nowMs: number,
  ): Generator<AuditFinding> {
    const { chainId, sequence, seal } = segment;
    if (verdict !== 'genuine') {
      yield { chainId, sequence, problem: verdict === 'false' ? 'altered' : 'unknown_key' };
      // Where it stands in its place, what follows is held against its seal, which may be all that is left of it.
      if (sequence === this.sequence + 1) this.#pass(sequence, seal);
      return;
    }
    if (sequence <= this.sequence) {
      yield { chainId, sequence, problem: this.#fills(sequence) ? 'reordered' : 'repeated' };
      return;
    }
    if (sequence > this.sequence + 1) yield* this.#gapBefore(segment, nowMs);
    else if (segment.previousSeal !== this.#seal) yield { chainId, sequence, problem: 'unlinked' };
    const isOther = this.#expected.some((head) => head.sequence === sequence && head.seal !== seal);
    if (isOther) yield { chainId, sequence, problem: 'replaced' };
    this.#pass(sequence, seal);
    this.last = { chainId, sequence, seal, atMs: segment.atMs, expiresAtMs: segment.expiresAtMs };
  }

  /**
   * All that is before a segment has expired when the one before it has. The one before a segment that was made since may have
   * been written behind where the trail was being read: whoever reads it again finds whether it is there.
   */
  *#gapBefore(
    { chainId, sequence, atMs, previousExpiresAtMs }: AuditSegment,
    nowMs: number,
  ): Generator<AuditFinding> {
    const gap = { from: this.sequence + 1, to: sequence - 1 };
    if (previousExpiresAtMs <= nowMs || atMs > nowMs || (this.sequence === 0 && !this.#hasBeginning)) return;
    this.#gaps.push(gap);
    yield { chainId, sequence: gap.from, toSequence: gap.to, problem: 'missing' };
  }

  #fills(sequence: number): boolean {
    return this.#gaps.some(({ from, to }) => from <= sequence && sequence <= to);
  }

  #pass(sequence: number, seal: string): void {
    this.sequence = sequence;
    this.#seal = seal;
  }
}
