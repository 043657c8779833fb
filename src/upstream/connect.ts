import { lookup } from 'node:dns/promises';
import { isIP, type Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { GatewayError } from '../failure.ts';
import { addressRefusal, type Cidr } from './address.ts';
import { createDial, type Dial } from './dial.ts';
import { connectFailure } from './failures.ts';
import { bareHost } from './rules.ts';

/** All addresses of a name. Anything it throws is `upstream_unreachable`. */
export type Resolve = (hostname: string) => Promise<readonly { address: string; family: number }[]>;

export interface ConnectorOptions {
  /** Networks that lift the refusal of an address. Default none. */
  allowAddresses?: readonly Cidr[] | undefined;
  /** For the whole phase: name, TCP and TLS, over all addresses. Default 5 000. */
  connectTimeoutMs?: number | undefined;
  /** PEM certificates trusted beside the well-known authorities. Default none. */
  ca?: readonly string[] | undefined;
  /** Default: the system's resolver, in its order. */
  resolve?: Resolve | undefined;
  /** Default: `net` and `tls`. */
  dial?: Dial | undefined;
}

export interface Connector {
  /** As undici calls it. Fails with a GatewayError. */
  connect: buildConnector.connector;
  /** Ends the connections being made. Those made belong to whom they were handed. */
  close(): void;
}

/**
 * Connects to checked addresses only. A name is resolved once and every address is judged; one refused address
 * refuses the name, because an answer that mixes public and private is how rebinding looks. The socket goes to a
 * judged address, so no second answer can send it elsewhere. Judges no port and no scheme: `urlRefusal` does.
 *
 * Fails with `upstream_address_refused`, `upstream_unreachable`, `upstream_tls_failed`, `upstream_reset`,
 * `upstream_timeout` phase connect, `shutting_down`.
 */
export function createConnector(options: ConnectorOptions = {}): Connector {
  const { connectTimeoutMs = 5_000 } = options;
  const dial = options.dial ?? createDial(options.ca);
  const deadlines = new Set<AbortController>();

  async function open(target: buildConnector.Options, deadline: AbortSignal): Promise<Socket> {
    const host = bareHost(target.hostname);
    const secure = target.protocol === 'https:';
    const port = Number(target.port || (secure ? 443 : 80));
    const addresses = await checkedAddresses(host, options);
    const shareMs = connectTimeoutMs / addresses.length;
    return firstConnected(addresses, { deadline, shareMs }, (address, signal) =>
      dial({ address, port, host, secure }, signal),
    );
  }

  async function connect(target: buildConnector.Options): Promise<Socket> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(timedOut()), connectTimeoutMs);
    deadlines.add(deadline);
    try {
      return await orAborted(open(target, deadline.signal), deadline.signal);
    } finally {
      clearTimeout(timer);
      deadlines.delete(deadline);
    }
  }

  return {
    connect(target, callback) {
      connect(target).then(
        (socket) => callback(null, socket),
        (error) => callback(error, null),
      );
    },
    close() {
      for (const deadline of deadlines) deadline.abort(new GatewayError({ code: 'shutting_down' }));
    },
  };
}

async function checkedAddresses(host: string, options: ConnectorOptions): Promise<string[]> {
  const addresses = isIP(host) === 0 ? await resolved(host, options.resolve ?? systemResolve) : [host];
  for (const address of addresses) {
    const rule = addressRefusal(address, options.allowAddresses);
    if (rule !== undefined) throw new GatewayError({ code: 'upstream_address_refused', rule });
  }
  return addresses;
}

async function resolved(host: string, resolve: Resolve): Promise<string[]> {
  const answers = await resolve(host).catch((cause: unknown) => {
    throw new GatewayError({ code: 'upstream_unreachable' }, { cause });
  });
  if (answers.length === 0) throw new GatewayError({ code: 'upstream_unreachable' });
  return answers.map(({ address }) => address);
}

function systemResolve(host: string): ReturnType<Resolve> {
  return lookup(host, { all: true, verbatim: true });
}

/**
 * One after the other, each but the last with a share of the time, so that a silent address leaves some for the
 * next. A failed TLS check ends the search: the host is there and is not who it should be.
 */
async function firstConnected(
  addresses: readonly string[],
  { deadline, shareMs }: { deadline: AbortSignal; shareMs: number },
  attempt: (address: string, signal: AbortSignal) => Promise<Socket>,
): Promise<Socket> {
  let last: GatewayError | undefined;
  for (const [index, address] of addresses.entries()) {
    deadline.throwIfAborted();
    const timeoutMs = index < addresses.length - 1 ? shareMs : undefined;
    try {
      return await withEnd(deadline, timeoutMs, (signal) => attempt(address, signal));
    } catch (error) {
      last = connectFailure(error);
      if (last.failure.code === 'upstream_tls_failed') break;
    }
  }
  throw last;
}

/** Runs `work` under a signal that ends with the deadline or its own timeout, and never after the work is done. */
async function withEnd<T>(
  deadline: AbortSignal,
  timeoutMs: number | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const end = () => own.abort();
  const timer = timeoutMs === undefined ? undefined : setTimeout(end, timeoutMs);
  deadline.addEventListener('abort', end);
  try {
    return await work(own.signal);
  } finally {
    clearTimeout(timer);
    deadline.removeEventListener('abort', end);
  }
}

/** A lookup cannot be cancelled, only no longer awaited. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

function timedOut(): GatewayError {
  return new GatewayError({ code: 'upstream_timeout', phase: 'connect' });
}
