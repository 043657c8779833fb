import type * as z from 'zod';
import type { Principal } from '../access/principal.ts';
import type { GatewayError } from '../failure.ts';
import type { Standing } from '../limits/standing.ts';
import type { Protocol } from '../protocol/protocols.ts';
import type { Services } from './services.ts';

/** One request on its way through a route. */
export interface Call {
  request: Request;
  requestId: string;
  /** Without the `?`. */
  query: string;
  /** Path parameters, percent-encoding untouched. */
  params: Readonly<Record<string, string>>;
  /** What the log line of this call will say, written as it becomes known. */
  note: CallNote;
  /** See {@link RequestContext}. */
  deadline?: AbortSignal;
  /** See {@link RequestContext}. */
  spoken?: Protocol;
}

/** What a runtime knows of one request beside the request. */
export interface RequestContext {
  /** By which the platform's own logs know the request. Absent: a new id is made. */
  requestId?: string;
  /**
   * Fires shortly before the runtime ends this request for good: its stream then ends with a comment that says to
   * subscribe again, and a call still waiting for an agent fails with the signal's reason, a GatewayError.
   */
  deadline?: AbortSignal;
  /**
   * What the caller spoke, where the request is a runtime's translation of it into JSON-RPC of 1.0. It decides what the
   * caller may ask for and what a missing `A2A-Version` means; the request's own header may only agree.
   */
  spoken?: Protocol;
}

/**
 * Who waits for an agent's answer: the caller and, where there is one, the deadline. Read late, because a Request makes
 * its signal only when asked.
 */
export function waiting({ request, deadline }: Call): { readonly signal: AbortSignal } {
  if (deadline === undefined) return request;
  return {
    get signal() {
      return AbortSignal.any([request.signal, deadline]);
    },
  };
}

export interface CallNote {
  principal?: Principal;
  operation?: string;
  /** Where the path does not name it. */
  agentId?: string;
  /** The permission by which the call was let through, as the store knows it. */
  rule?: string;
  /** Which the call is about, or has begun. */
  taskId?: string;
  requestBytes?: number;
  /** Of an answer that is no stream. */
  responseBytes?: number;
  /** How the caller stands with its limits, which the answer's headers say. */
  standings?: readonly Standing[];
  error?: GatewayError;
  /** What is asked for, where that is recorded. */
  route?: Pick<Route, 'method' | 'path'>;
  /** Who calls may do this, as far as the gateway can tell before it does it. */
  isLetThrough?: boolean;
  /** An agent that has proved itself, and not by a token. */
  isProven?: boolean;
  /** It is an agent that is asked, and so used. */
  isUse?: boolean;
  /** The answer is a stream. */
  hasStream?: boolean;
  /** What the call cost beside time, by name. */
  meter?: Readonly<Record<string, number>>;
}

/**
 * Who may use a route: `anyone`; any `principal` with a valid token; `manager`, an administrator or an agent owner
 * (the handler narrows to what is theirs); `admin`; or `own`, where the handler authenticates, because its refusals
 * take the protocol's shape.
 */
export type Access = 'anyone' | 'principal' | 'manager' | 'admin' | 'own';

interface RouteBase {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'ALL';
  /** `{name}` binds one segment; a last `{name...}` binds the rest. */
  path: string;
  summary: string;
  /** Statuses of success, for the OpenAPI document. */
  answers: readonly number[];
  query?: Readonly<Record<string, string>>;
  /** By what who asks proves itself, where it is no issuer's token. */
  proof?: 'webhookSecret';
  /** Counted among what a caller asks to find agents. */
  isDiscovery?: true;
}

/** A route whose handler gets the verified principal and, where it declares one, the parsed body. */
export type Route =
  | (RouteBase & {
      access: 'anyone' | 'own';
      body?: never;
      handle(call: Call, services: Services): Promise<Response>;
    })
  | (RouteBase & {
      access: 'principal' | 'manager' | 'admin';
      /** Strict: a member it does not name is refused by name. */
      body?: z.ZodType;
      handle(call: Call & { principal: Principal; body: unknown }, services: Services): Promise<Response>;
    });

/** A route with a typed body. The body has passed `schema` before `handle` runs, which is what makes the cast true. */
export function withBody<Schema extends z.ZodType>(
  route: RouteBase & {
    access: 'principal' | 'manager' | 'admin';
    body: Schema;
    handle(
      call: Call & { principal: Principal; body: z.output<Schema> },
      services: Services,
    ): Promise<Response>;
  },
): Route {
  return route as Route;
}
