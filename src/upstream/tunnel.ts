import { request as httpRequest } from 'node:http';
import { isIP, type Socket } from 'node:net';
import { GatewayError } from '../failure.ts';
import { createDial, type Dial, type DialTarget, openTcp } from './dial.ts';
import { connectFailure } from './failures.ts';
import type { EgressProxy } from './proxy.ts';

/** Largest head of a proxy's answer. */
const maxHeadBytes = 16 * 1024;

/**
 * Carries bytes through a proxy's tunnel (RFC 9110 §9.3.6), or past it for hosts it does not take. Nothing of a call but
 * host and port is told to the proxy, and nothing of the proxy's answer to the call; TLS with the agent runs inside, so
 * its client certificate is not shown to the proxy.
 *
 * What goes wrong with the proxy is `upstream_unreachable`, or `upstream_timeout` phase connect: the agent is not to
 * blame for the proxy's certificate.
 */
export function createTunnel(proxy: EgressProxy): Dial {
  const toProxy = createDial({ authorities: proxy.authorities });
  const { host, port, secure } = proxy;

  return async (target, signal) => {
    if (!proxy.takes(target.host)) return openTcp(target, signal);
    try {
      const socket = await toProxy({ address: host, host, port, secure }, signal);
      return await tunnelled(socket, authorityOf(target), proxy.authorization);
    } catch (error) {
      throw proxyFailure(error);
    }
  };
}

function tunnelled(socket: Socket, authority: string, authorization: string | undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    function refuse(error: Error): void {
      socket.destroy();
      reject(error);
    }

    const asking = httpRequest({
      createConnection: () => socket,
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...(authorization && { 'proxy-authorization': authorization }) },
      maxHeaderSize: maxHeadBytes,
      insecureHTTPParser: false,
    });
    // The connection is to stay.
    asking.removeHeader('connection');
    asking.on('error', refuse).on('connect', ({ statusCode = 0 }, _, ahead) => {
      if (statusCode < 200 || statusCode > 299) {
        refuse(new Error(`the proxy answered with status ${statusCode}`));
        return;
      }
      if (ahead.length > 0) socket.unshift(ahead);
      resolve(socket);
    });
    asking.end();
  });
}

function authorityOf({ address, port }: DialTarget): string {
  return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

function proxyFailure(error: unknown): GatewayError {
  const failed = connectFailure(error);
  if (failed.failure.code === 'upstream_timeout') return failed;
  const cause = new Error('no tunnel through the proxy', { cause: error });
  return new GatewayError({ code: 'upstream_unreachable' }, { cause });
}
