import { GatewayError } from '../failure.ts';
import { toGatewayError } from './respond.ts';

/** Judges open streams again while they last, so that none outlives what it was permitted by. */
export interface StreamWatch {
  /** From now on the stream is judged by this; one that is watched already by this alone. */
  watch(stream: WatchedStream, standing: Standing): void;
  /** One that is not watched: nothing happens. */
  forget(stream: WatchedStream): void;
}

export interface WatchedStream {
  /** Ends it with this error. */
  refuse(error: GatewayError): void;
}

/** By what a stream is permitted. */
export interface Standing {
  /** Streams with the same are judged once for all. */
  key: string;
  /** @throws GatewayError what the stream is to end with */
  judge(): Promise<void>;
}

export interface StreamWatchOptions {
  /** From the start of one round to the start of the next. Default 1500. */
  intervalMs?: number;
  /** A clock that is never set. Default: the process's own. */
  elapsedMs?(): number;
}

/** With two seconds for which agents, permissions and revocations may be remembered, what has changed ends streams within four. */
const defaultIntervalMs = 1_500;
/** How long a stream goes on that cannot be judged, because the store does not answer. */
const maxUnjudgedMs = 5_000;
/** A judgement that takes longer is none: a store that hangs must not keep all streams from being judged. */
const judgeTimeoutMs = 2_000;
/** So many are begun to be judged at once; between them whatever else waits has its turn. */
const begunAtOnce = 100;

interface Group {
  standing: Standing;
  streams: Set<WatchedStream>;
  /** When it was last found good, or has come. */
  goodAtMs: number;
}

/** Has a timer while there are streams. */
export function createStreamWatch({
  intervalMs = defaultIntervalMs,
  elapsedMs = () => performance.now(),
}: StreamWatchOptions = {}): StreamWatch {
  const groups = new Map<string, Group>();
  const groupOf = new Map<WatchedStream, Group>();
  let isRunning = false;

  function join(stream: WatchedStream, standing: Standing): void {
    const { key } = standing;
    const group = groups.get(key) ?? { standing, streams: new Set(), goodAtMs: elapsedMs() };
    groups.set(key, group);
    group.streams.add(stream);
    groupOf.set(stream, group);
  }

  function leave(stream: WatchedStream): void {
    const group = groupOf.get(stream);
    if (group === undefined) return;
    groupOf.delete(stream);
    group.streams.delete(stream);
    if (group.streams.size === 0) groups.delete(group.standing.key);
  }

  async function judge(group: Group): Promise<void> {
    const startedMs = elapsedMs();
    try {
      await inTime(group.standing.judge());
      group.goodAtMs = startedMs;
    } catch (thrown) {
      const error = toGatewayError(thrown);
      if (isTrouble(error) && elapsedMs() - group.goodAtMs < maxUnjudgedMs) return;
      for (const stream of [...group.streams]) {
        leave(stream);
        stream.refuse(error);
      }
    }
  }

  async function round(): Promise<void> {
    const all = [...groups.values()];
    const judging: Promise<void>[] = [];
    for (let n = 0; n < all.length; n += begunAtOnce) {
      // None waits for another's judgement: where the store hangs, that would be two seconds for every hundred.
      judging.push(...all.slice(n, n + begunAtOnce).map(judge));
      await pause(0);
    }
    await Promise.all(judging);
  }

  async function run(): Promise<void> {
    isRunning = true;
    for (let lastedMs = 0; groups.size > 0; ) {
      await pause(Math.max(0, intervalMs - lastedMs));
      const startedMs = elapsedMs();
      await round();
      lastedMs = elapsedMs() - startedMs;
    }
    isRunning = false;
  }

  return {
    watch(stream, standing) {
      leave(stream);
      join(stream, standing);
      if (!isRunning) void run();
    },
    forget: leave,
  };
}

async function inTime(judging: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new GatewayError({ code: 'store_unavailable' })), judgeTimeoutMs);
  });
  try {
    await Promise.race([judging, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Of ours, which says nothing of the caller. */
function isTrouble({ failure: { code } }: GatewayError): boolean {
  return code === 'store_unavailable' || code === 'internal';
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
