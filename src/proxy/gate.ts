import { GatewayError, leaveFailure } from '../failure.ts';

/** How much may be under way at once. */
export interface LoadLimits {
  /** Calls that are no streams. */
  maxConcurrentCalls: number;
  maxOpenStreams: number;
  /** Calls of both sorts that wait for one of these to end. */
  maxQueuedCalls: number;
  queueTimeoutMs: number;
}

/** Streams have places of their own: they last, and would otherwise keep every call out. */
export type Lane = 'calls' | 'streams';

interface Line {
  taken: number;
  max: number;
  /** Who waits, first come first served; called with a place taken for it. */
  waiting: Set<() => void>;
}

/** Places for what is under way, and the queue before them. */
export class Gate {
  readonly #code: 'agent_overloaded' | 'gateway_overloaded';
  readonly #lines: Record<Lane, Line> = {
    calls: { taken: 0, max: 0, waiting: new Set() },
    streams: { taken: 0, max: 0, waiting: new Set() },
  };

  /** @param code of the failure of who is turned away */
  constructor(code: 'agent_overloaded' | 'gateway_overloaded') {
    this.#code = code;
  }

  taken(lane: Lane): number {
    return this.#lines[lane].taken;
  }

  get queued(): number {
    return this.#lines.calls.waiting.size + this.#lines.streams.waiting.size;
  }

  /** Nothing is under way and nobody waits. */
  get isIdle(): boolean {
    return this.queued + this.taken('calls') + this.taken('streams') === 0;
  }

  /**
   * Takes a place; whoever has one calls `leave` once. Undefined: at once, the usual case without a promise.
   *
   * @param limits those of now: they may change from call to call
   * @throws GatewayError with the gate's code where the queue is full or the wait in it too long; what the caller's
   *   signal says where it leaves the queue. All leave no place taken
   */
  enter(lane: Lane, limits: LoadLimits, caller: { readonly signal: AbortSignal }): Promise<void> | undefined {
    const line = this.#lines[lane];
    line.max = lane === 'calls' ? limits.maxConcurrentCalls : limits.maxOpenStreams;
    admit(line);
    if (line.taken < line.max) {
      line.taken++;
      return undefined;
    }
    if (this.queued >= limits.maxQueuedCalls) throw this.#overloaded(limits);
    return this.#wait(line, limits, caller.signal);
  }

  leave(lane: Lane): void {
    const line = this.#lines[lane];
    line.taken--;
    admit(line);
  }

  #wait(line: Line, limits: LoadLimits, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onLeft);
        line.waiting.delete(proceed);
      };
      const proceed = () => {
        end();
        resolve();
      };
      const turnAway = (error: GatewayError) => {
        end();
        reject(error);
      };
      const onLeft = () => turnAway(leaveFailure(signal));
      const timer = setTimeout(() => turnAway(this.#overloaded(limits)), limits.queueTimeoutMs);
      line.waiting.add(proceed);
      if (signal.aborted) onLeft();
      else signal.addEventListener('abort', onLeft);
    });
  }

  #overloaded({ queueTimeoutMs }: LoadLimits): GatewayError {
    const retryAfterSeconds = Math.max(1, Math.ceil(queueTimeoutMs / 1_000));
    return new GatewayError({ code: this.#code, retryAfterSeconds });
  }
}

function admit(line: Line): void {
  if (line.waiting.size === 0) return;
  for (const proceed of line.waiting) {
    if (line.taken >= line.max) return;
    line.taken++;
    proceed();
  }
}
