import type { SendToBackend } from '../backends/send.ts';
import { GatewayError, leaveFailure } from '../failure.ts';
import type { Clock, UpstreamResponse } from '../ports.ts';
import { CallDeadlines, type Deadlines, type StreamDeadlines, type Timeouts } from './deadlines.ts';
import type { ForwardedCall } from './forward.ts';
import type { Lane } from './gate.ts';
import type { Attempt, Instance } from './instance.ts';
import { longestPauseMs, maxRetries, mayRepeat, mayRepeatAfter, pauseMs } from './retry.ts';
import { circuitOpen, nextInstance, type Route, urlAt } from './route.ts';
import type { AgentTraffic } from './traffic.ts';

export interface DeliveryDeps {
  send: SendToBackend;
  /** Of calls to agents that say nothing else. */
  deadlines: Deadlines;
  streams: StreamDeadlines;
  clock: Clock;
  random: () => number;
  /** Default: a timer. */
  pause?(ms: number): Promise<void>;
}

export interface DeliveryTarget {
  agent: AgentTraffic;
  lane: Lane;
  route: Route;
  /** The call's own, and what the gateway notes in them. */
  headers: ForwardedCall['headers'];
}

/** An answer, and the attempt it belongs to, which is not over. */
export interface Delivered {
  response: UpstreamResponse;
  attempt: Attempt;
}

/** One call on its way to its agent: sent to one instance, and again where it may be and another attempt is due. */
export class Delivery {
  readonly #call: ForwardedCall;
  readonly #target: DeliveryTarget;
  readonly #deps: DeliveryDeps;
  readonly #deadlines: CallDeadlines;
  readonly #tried: Instance[] = [];

  constructor(call: ForwardedCall, target: DeliveryTarget, deps: DeliveryDeps) {
    const { agent, operation } = call;
    this.#call = call;
    this.#target = target;
    this.#deps = deps;
    this.#deadlines = new CallDeadlines(agent, deps, operation.streams, deps.clock.nowMs());
  }

  /** @throws GatewayError `agent_circuit_open`, and what the last attempt failed with */
  async run(): Promise<Delivered> {
    const { agent, lane, route } = this.#target;
    agent.budget.earn();
    for (;;) {
      const instance = this.#next();
      if (instance === undefined) throw circuitOpen(route, this.#deps.clock.nowMs());
      this.#tried.push(instance);
      const attempt = instance.begin(lane);
      try {
        const response = await this.#send(instance);
        attempt.answered(response.status);
        if (!this.#isRetried(mayRepeatAfter(response, this.#call.operation))) return { response, attempt };
        response.close();
      } catch (error) {
        attempt.failed(error);
        attempt.over();
        if (!this.#isRetried(this.#mayRepeat(error))) throw error;
      }
      attempt.over();
      await this.#pause();
    }
  }

  #send(instance: Instance): Promise<UpstreamResponse> {
    const { agent, facts, method, url, body, caller, grpc } = this.#call;
    const { route, headers } = this.#target;
    const timeouts = this.#deadlines.timeouts(this.#deps.clock.nowMs());
    return this.#deps.send({
      to: agent,
      request: {
        method,
        url: urlAt(instance, url),
        headers: grpc ? { ...headers, ...grpcDeadline(timeouts) } : headers,
        ...(body !== undefined && { body }),
        ...(grpc && { http2: true }),
        caller,
        ...timeouts,
      },
      facts,
      session: route.session,
    });
  }

  #next(): Instance | undefined {
    const { clock, random } = this.#deps;
    return nextInstance(this.#target.route, this.#tried, { nowMs: clock.nowMs(), random });
  }

  #mayRepeat(error: unknown): boolean {
    return error instanceof GatewayError && mayRepeat(error.failure, this.#call.operation);
  }

  /** Whether what may be sent again is: there is somewhere to send it, time, and something left of the agent's budget. */
  #isRetried(isAllowed: boolean): boolean {
    if (!isAllowed || this.#tried.length > maxRetries || this.#next() === undefined) return false;
    if (this.#deadlines.leftMs(this.#deps.clock.nowMs()) <= longestPauseMs) return false;
    return this.#target.agent.budget.spend();
  }

  async #pause(): Promise<void> {
    const { random, pause = timer } = this.#deps;
    this.#target.agent.retries++;
    await pause(pauseMs(this.#tried.length - 1, random));
    const { signal } = this.#call.caller;
    if (signal.aborted) throw leaveFailure(signal);
  }
}

/** A deadline as gRPC tells it: eight digits at most, and a unit. A stream has none. */
function grpcDeadline({ totalTimeoutMs }: Timeouts): Record<string, string> {
  if (totalTimeoutMs === undefined) return {};
  const ms = Math.ceil(totalTimeoutMs);
  return { 'grpc-timeout': ms < 100_000_000 ? `${ms}m` : `${Math.ceil(ms / 1_000)}S` };
}

function timer(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
