import { lookup } from 'node:dns/promises';
import { isIP, type Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { type FailureCode, GatewayError } from '../failure.ts';
import type { ConnectionOptions } from '../ports.ts';
import { addressRefusal, type Cidr, nameRefusal } from './address.ts';
import { createDial, type Dial, openTcp } from './dial.ts';
import { connectFailure } from './failures.ts';
import { compileProxy, type EgressProxy, type ProxyOptions } from './proxy.ts';
import { bareHost } from './rules.ts';
import { createTunnel } from './tunnel.ts';

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
  /** Default: every host is called directly. */
  proxy?: ProxyOptions | undefined;
  /** Default: `net` and `tls`, through the proxy where there is one. */
  dial?: Dial | undefined;
}

export interface Connector {
  /** As undici calls it, for connections with these options. Fails with a GatewayError. */
  connectAs(connection: ConnectionOptions): buildConnector.connector;
  /** One for HTTP/2 to the origin of a URL. @throws GatewayError as above */
  connectHttp2(connection: ConnectionOptions): (url: URL) => Promise<Socket>;
  /** As `Upstream.check`, of a URL whose text breaks no rule. */
  check(url: URL): Promise<'address' | undefined>;
  /** Ends the connections being made. Those made belong to whom they were handed. */
  close(): void;
}

/**
 * Connects to checked addresses only. A name is resolved once and every address is judged; one refused address
 * refuses the name, because an answer that mixes public and private is how rebinding looks. The socket goes to a
 * judged address, so no second answer can send it elsewhere; a proxy is asked for the judged address too, unless it is
 * the one to resolve names. Judges no port and no scheme: `urlRefusal` does.
 *
 * Fails with `upstream_address_refused`, `upstream_unreachable`, `upstream_tls_failed`, `upstream_reset`,
 * `upstream_timeout` phase connect, `credential_unavailable`, `shutting_down`.
 *
 * @throws TypeError on a proxy that cannot be one
 */
export function createConnector(options: ConnectorOptions = {}): Connector {
  const proxy = options.proxy && compileProxy(options.proxy);
  const carry = proxy === undefined ? openTcp : createTunnel(proxy);
  const deadlines = new Set<AbortController>();

  async function open(target: ConnectTarget, way: Way, deadline: AbortSignal): Promise<Socket> {
    const host = bareHost(target.hostname);
    const secure = target.protocol === 'https:';
    const port = Number(target.port || (secure ? 443 : 80));
    const addresses = await checkedAddresses(host, options, proxy);
    const shareMs = way.connectTimeoutMs / addresses.length;
    return firstConnected(addresses, { deadline, shareMs }, (address, signal) =>
      way.dial({ address, port, host, secure, ...(way.http2 && { http2: true }) }, signal),
    );
  }

  async function inTime<T>(timeoutMs: number, work: (deadline: AbortSignal) => Promise<T>): Promise<T> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(timedOut()), timeoutMs);
    deadlines.add(deadline);
    try {
      return await orAborted(work(deadline.signal), deadline.signal);
    } finally {
      clearTimeout(timer);
      deadlines.delete(deadline);
    }
  }

  function connect(target: ConnectTarget, way: Way): Promise<Socket> {
    return inTime(way.connectTimeoutMs, (deadline) => open(target, way, deadline));
  }

  return {
    connectAs(connection) {
      const way = wayOf(connection, options, carry);
      return (target, callback) => {
        connect(target, way).then(
          (socket) => callback(null, socket),
          (error) => callback(error, null),
        );
      };
    },
    connectHttp2(connection) {
      const way = { ...wayOf(connection, options, carry), http2: true };
      return (url) => connect(url, way);
    },
    async check({ hostname }) {
      try {
        await inTime(timeoutOf(options), () => checkedAddresses(bareHost(hostname), options, proxy));
        return undefined;
      } catch (error) {
        if (error instanceof GatewayError && error.failure.code !== 'shutting_down') return 'address';
        throw error;
      }
    },
    close() {
      for (const deadline of deadlines) deadline.abort(new GatewayError({ code: 'shutting_down' }));
    },
  };
}

/** Where to connect, as undici says it and a URL does. */
type ConnectTarget = Pick<buildConnector.Options, 'hostname' | 'protocol' | 'port'>;

/** How connections with equal options are made. */
interface Way {
  dial: Dial;
  http2?: boolean;
  connectTimeoutMs: number;
}

function wayOf(connection: ConnectionOptions, options: ConnectorOptions, carry: Dial): Way {
  const { caCertificates, clientCertificate } = connection;
  const { ca = [] } = options;
  const authorities = caCertificates === undefined ? ca : [...ca, caCertificates];
  return {
    dial: options.dial ?? createDial({ authorities, clientCertificate }, carry),
    connectTimeoutMs: connection.connectTimeoutMs ?? timeoutOf(options),
  };
}

function timeoutOf({ connectTimeoutMs = 5_000 }: ConnectorOptions): number {
  return connectTimeoutMs;
}

/** Where a host is called: judged addresses, or the name itself where the proxy resolves it. */
async function checkedAddresses(
  host: string,
  { resolve = systemResolve, allowAddresses }: ConnectorOptions,
  proxy: EgressProxy | undefined,
): Promise<string[]> {
  if (isIP(host) === 0 && proxy?.resolves(host)) {
    refuseIf(nameRefusal(host, allowAddresses));
    return [host];
  }
  const addresses = isIP(host) === 0 ? await resolved(host, resolve) : [host];
  for (const address of addresses) refuseIf(addressRefusal(address, allowAddresses));
  return addresses;
}

function refuseIf(rule: string | undefined): void {
  if (rule !== undefined) throw new GatewayError({ code: 'upstream_address_refused', rule });
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
 * next. A failed TLS check ends the search: the host is there and is not who it should be, or will not have us.
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
      if (endsSearch.has(last.failure.code)) break;
    }
  }
  throw last;
}

const endsSearch: ReadonlySet<FailureCode> = new Set(['upstream_tls_failed', 'credential_unavailable']);

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
