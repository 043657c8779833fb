import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { parseCidr } from './address.ts';
import { type Connector, type ConnectorOptions, createConnector, type Resolve } from './connect.ts';
import type { Dial, DialTarget } from './dial.ts';

const target = { hostname: 'agent.example', host: 'agent.example', protocol: 'https:', port: '' };

function resolvingTo(...addresses: string[]): Resolve {
  return async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
}

function failing(code: string, syscall?: string): Error {
  return Object.assign(new Error(code), { code, ...(syscall && { syscall }) });
}

/** A dial that opens nothing: it notes where it would connect, and fails there with the given error. */
function recording(errors: Record<string, Error> = {}): { dial: Dial; dialled: DialTarget[] } {
  const dialled: DialTarget[] = [];
  async function dial(to: DialTarget): Promise<Socket> {
    dialled.push(to);
    const error = errors[to.address];
    if (error) throw error;
    return new Socket();
  }
  return { dial, dialled };
}

/** Does nothing until its signal ends it, as a socket to a silent address does. */
const silent: Dial = (_, signal) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(failing('ABORT_ERR'))));

function connect(connector: Connector, to = target): Promise<Socket> {
  return new Promise((resolve, reject) => {
    connector.connectAs({})(to, (error, socket) => (error ? reject(error) : resolve(socket as Socket)));
  });
}

function connectWith(options: ConnectorOptions, to = target): Promise<Socket> {
  return connect(createConnector(options), to);
}

describe('the connector', () => {
  it('connects to the checked address and keeps the name for the certificate', async () => {
    const { dial, dialled } = recording();
    await connectWith({ resolve: resolvingTo('8.8.8.8'), dial });
    expect(dialled).toEqual([{ address: '8.8.8.8', port: 443, host: 'agent.example', secure: true }]);
  });

  it('asks the resolver once, without the dot of a fully qualified name', async () => {
    const asked: string[] = [];
    const { dial, dialled } = recording();
    const resolve: Resolve = async (name) => {
      asked.push(name);
      return [{ address: '8.8.8.8', family: 4 }];
    };
    await connectWith(
      { resolve, dial },
      { ...target, hostname: 'agent.example.', protocol: 'http:', port: '8080' },
    );
    expect(asked).toEqual(['agent.example']);
    expect(dialled).toEqual([{ address: '8.8.8.8', port: 8080, host: 'agent.example', secure: false }]);
  });

  it('does not resolve a literal address', async () => {
    const { dial, dialled } = recording();
    const resolve: Resolve = () => Promise.reject(new Error('asked'));
    await connectWith({ resolve, dial }, { ...target, hostname: '2606:4700::1' });
    expect(dialled.map(({ address }) => address)).toEqual(['2606:4700::1']);
  });

  it('tries the next address when one cannot be connected', async () => {
    const { dial, dialled } = recording({
      '8.8.8.8': failing('ECONNREFUSED', 'connect'),
      '2606:4700::1': failing('ENETUNREACH', 'connect'),
    });
    await connectWith({ resolve: resolvingTo('8.8.8.8', '2606:4700::1', '1.1.1.1'), dial });
    expect(dialled.map(({ address }) => address)).toEqual(['8.8.8.8', '2606:4700::1', '1.1.1.1']);
  });

  it('gives a silent address a share of the time', async () => {
    const { dial, dialled } = recording();
    const first: Dial = (to, signal) => (to.address === '8.8.8.8' ? silent(to, signal) : dial(to, signal));
    await connectWith({ resolve: resolvingTo('8.8.8.8', '1.1.1.1'), dial: first, connectTimeoutMs: 200 });
    expect(dialled.map(({ address }) => address)).toEqual(['1.1.1.1']);
  });

  it('ends the search at a failed certificate', async () => {
    const { dial, dialled } = recording({ '8.8.8.8': failing('DEPTH_ZERO_SELF_SIGNED_CERT') });
    const connected = connectWith({ resolve: resolvingTo('8.8.8.8', '1.1.1.1'), dial });
    await expect(connected).rejects.toMatchObject({ failure: { code: 'upstream_tls_failed' } });
    expect(dialled).toHaveLength(1);
  });

  it('connects to an allowed network', async () => {
    const { dial, dialled } = recording();
    await connectWith({ resolve: resolvingTo('10.0.0.1'), dial, allowAddresses: [parseCidr('10.0.0.0/8')] });
    expect(dialled).toHaveLength(1);
  });
});

describe('a connection that fails', () => {
  const unreachable = { code: 'upstream_unreachable' };
  const timeout = { code: 'upstream_timeout', phase: 'connect' };

  it.each([
    ['ECONNREFUSED', 'connect', unreachable],
    ['EHOSTUNREACH', 'connect', unreachable],
    ['EACCES', 'connect', unreachable],
    ['ETIMEDOUT', 'connect', timeout],
    ['ECONNRESET', 'read', { code: 'upstream_reset' }],
    ['ECONNRESET', undefined, { code: 'upstream_reset' }],
    ['EPROTO', 'write', { code: 'upstream_tls_failed' }],
    ['CERT_HAS_EXPIRED', undefined, { code: 'upstream_tls_failed' }],
    ['ERR_TLS_CERT_ALTNAME_INVALID', undefined, { code: 'upstream_tls_failed' }],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', undefined, { code: 'upstream_tls_failed' }],
  ])('with %s from %s is told apart', async (code, syscall, failure) => {
    const error = failing(code, syscall);
    const connected = connectWith({
      resolve: resolvingTo('8.8.8.8'),
      dial: recording({ '8.8.8.8': error }).dial,
    });
    await expect(connected).rejects.toMatchObject({ failure, cause: error });
  });

  it('by its name is unreachable', async () => {
    const error = failing('ENOTFOUND', 'getaddrinfo');
    const unknown = connectWith({ resolve: () => Promise.reject(error) });
    await expect(unknown).rejects.toMatchObject({ failure: unreachable, cause: error });
    await expect(connectWith({ resolve: resolvingTo() })).rejects.toMatchObject({ failure: unreachable });
  });

  it('by a resolver that never answers is a timeout', async () => {
    const connected = connectWith({ resolve: () => new Promise(() => {}), connectTimeoutMs: 20 });
    await expect(connected).rejects.toMatchObject({ failure: timeout });
  });

  it('by addresses that are all silent is a timeout', async () => {
    const options = { resolve: resolvingTo('8.8.8.8', '1.1.1.1'), dial: silent, connectTimeoutMs: 50 };
    await expect(connectWith(options)).rejects.toMatchObject({ failure: timeout });
  });

  it('by the end of the gateway says so', async () => {
    const connector = createConnector({ resolve: resolvingTo('8.8.8.8'), dial: silent });
    const connected = connect(connector);
    connector.close();
    await expect(connected).rejects.toMatchObject({ failure: { code: 'shutting_down' } });
  });
});
