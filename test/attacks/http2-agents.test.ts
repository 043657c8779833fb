import { createServer as createHttpsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../support/certificates.ts';
import { get, http2Agent } from '../support/http2-agent.ts';
import { failsWith, listening, textOf } from '../support/upstream-servers.ts';

describe('an agent that lies in HTTP/2', () => {
  it.each([
    ['answers in HTTP/1.1', 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'],
    ['answers with rubbish', '\0'.repeat(9) + '\xff'.repeat(200)],
  ])('and %s is refused', async (_, text) => {
    const url = await listening(
      createTcpServer((socket) =>
        socket.on('error', () => {}).once('data', () => socket.write(text, 'latin1')),
      ),
    );
    await expect(get(url)).rejects.toMatchObject(
      failsWith('upstream_response_invalid', { problem: 'http2' }),
    );
  });

  it('and speaks HTTP/1.1 alone in TLS is refused before anything is sent', async () => {
    const authority = await createAuthority();
    const { certificate: cert, privateKey: key } = await authority.issue();
    let calls = 0;
    const url = await listening(
      createHttpsServer({ cert, key, ALPNProtocols: ['http/1.1'] }, () => {
        calls += 1;
      }),
      'https',
    );
    const sent = get(url, { connection: { caCertificates: authority.certificate } });
    await expect(sent).rejects.toMatchObject(failsWith('upstream_tls_failed'));
    expect(calls).toBe(0);
  });

  it.each(['headers', 'trailers'])('by endless %s is refused', async (place) => {
    const long = { 'x-a': 'a'.repeat(20_000) };
    const { url } = await http2Agent((stream) => {
      stream.respond({ ':status': 200, ...(place === 'headers' && long) }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers(place === 'trailers' ? long : {}));
      stream.end('ok');
    });
    await expect(get(url).then(textOf)).rejects.toMatchObject(
      failsWith('upstream_response_invalid', { problem: 'headers_too_large' }),
    );
  });

  it('about its length is refused', async () => {
    const { url } = await http2Agent((stream) => {
      stream.respond({ ':status': 200, 'content-length': '10' });
      stream.end('abc');
    });
    await expect(get(url).then(textOf)).rejects.toMatchObject(
      failsWith('upstream_response_invalid', { problem: 'http2' }),
    );
  });
});
