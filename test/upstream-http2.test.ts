import { once } from 'node:events';
import { constants, type ServerHttp2Stream } from 'node:http2';
import { describe, expect, it } from 'vitest';
import { get, http2Agent, post } from './support/http2-agent.ts';
import { failsWith, http2Upstream, nodeUpstream, textOf } from './support/upstream-servers.ts';

describe('a call over HTTP/2', () => {
  it('goes out as given, and is answered with trailers once it has been read', async () => {
    const { url } = await http2Agent((stream, headers) => {
      stream.respond({ ':status': 200 }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'x-many': ['a', 'b'] }));
      stream.end(JSON.stringify(headers));
    });
    const response = await get(new URL('/a/b%2Fc?d=e', url), { headers: { TE: 'trailers', 'X-Own': '1' } });
    expect(response.trailer('grpc-status')).toBeUndefined();
    expect(JSON.parse(await textOf(response))).toEqual({
      ':method': 'POST',
      ':scheme': 'http',
      ':authority': url.host,
      ':path': '/a/b%2Fc?d=e',
      'accept-encoding': 'identity',
      te: 'trailers',
      'x-own': '1',
    });
    expect([response.trailer('Grpc-Status'), response.trailer('x-many'), response.trailer('none')]).toEqual([
      '0',
      'a, b',
      undefined,
    ]);
  });

  it('may be answered with headers alone', async () => {
    const { url } = await http2Agent((stream) =>
      stream.respond({ ':status': 200, 'grpc-status': '5' }, { endStream: true }),
    );
    const response = await get(url);
    expect([response.header('grpc-status'), await textOf(response)]).toEqual(['5', '']);
  });

  it('may be answered before it has been read', async () => {
    const { url } = await http2Agent((stream) => {
      stream.respond({ ':status': 413 });
      stream.end('enough');
    });
    const response = await get(url, { body: 'x'.repeat(10_000_000) });
    expect([response.status, await textOf(response)]).toEqual([413, 'enough']);
  });

  it('needs an adapter that has it', async () => {
    const { url } = await http2Agent((stream) => stream.respond({}, { endStream: true }));
    await expect(nodeUpstream().send(post(url, { http2: true }))).rejects.toThrow(TypeError);
  });
});

describe('a session of HTTP/2', () => {
  it('is shared by calls at the same time, POST or not', async () => {
    const held: ServerHttp2Stream[] = [];
    const { url, sessions } = await http2Agent((stream) => {
      stream.respond({ ':status': 200 });
      stream.write('first');
      held.push(stream);
    });
    const up = http2Upstream();
    const responses = await Promise.all(Array.from({ length: 80 }, () => up.send(post(url))));
    expect([held.length, sessions.length]).toEqual([80, 1]);
    for (const stream of held) stream.end(' and last');
    expect(new Set(await Promise.all(responses.map(textOf)))).toEqual(new Set(['first and last']));
  });

  it('has company where it is full', async () => {
    const held: ServerHttp2Stream[] = [];
    const { url, sessions } = await http2Agent(
      (stream) => {
        stream.respond({ ':status': 200 });
        held.push(stream);
      },
      { settings: { maxConcurrentStreams: 10 } },
    );
    const up = http2Upstream();
    // So that what the agent allows is known.
    const first = await up.send(post(url));
    const others = await Promise.all(Array.from({ length: 34 }, () => up.send(post(url))));
    expect([held.length, sessions.length]).toEqual([35, 4]);
    for (const response of [first, ...others]) response.close();
  });

  it('has no more calls than the agent takes, from the first on', async () => {
    let refused = 0;
    const { url } = await http2Agent(
      (stream) => {
        stream.on('close', () => {
          if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM) refused += 1;
        });
        stream.respond({ ':status': 200 }, { endStream: true });
      },
      { settings: { maxConcurrentStreams: 1 } },
    );
    const up = http2Upstream();
    const responses = await Promise.all(Array.from({ length: 20 }, () => up.send(post(url))));
    expect(responses.every(({ status }) => status === 200)).toBe(true);
    expect(refused).toBe(0);
  });

  it.each([
    [2, 200],
    [3, 'upstream_reset'],
  ])('that refused a call %i times has acted upon none of it: %s', async (times, outcome) => {
    let calls = 0;
    const { url } = await http2Agent((stream) => {
      if (calls++ < times) stream.close(constants.NGHTTP2_REFUSED_STREAM);
      else stream.respond({ ':status': 200 }, { endStream: true });
    });
    const told = await get(url).then(
      ({ status }) => status,
      ({ failure }) => failure.code,
    );
    expect([told, calls]).toEqual([outcome, 3]);
  });

  it('goes on when one of its calls is left, and the agent is told', async () => {
    const codes: Promise<number>[] = [];
    const { url, sessions } = await http2Agent((stream) => {
      codes.push(once(stream, 'close').then(() => stream.rstCode));
      stream.respond({ ':status': 200 });
      stream.write('first');
    });
    const up = http2Upstream();
    const left = await up.send(post(url));
    const other = await up.send(post(url));
    const chunks = other.chunks()[Symbol.asyncIterator]();
    await chunks.next();
    left.close();
    expect(await codes[0]).toBe(constants.NGHTTP2_CANCEL);
    expect([sessions.length, sessions[0]?.closed]).toEqual([1, false]);
    other.close();
  });

  it('that is going away serves its calls to their end, and new ones have another', async () => {
    const held: ServerHttp2Stream[] = [];
    const { url, sessions } = await http2Agent((stream) => {
      stream.respond({ ':status': 200 });
      stream.write('first');
      held.push(stream);
    });
    const up = http2Upstream();
    const old = await up.send(post(url));
    const gone = once(sessions[0] ?? expect.unreachable(), 'close');
    sessions[0]?.close();
    let fresh = await up.send(post(url));
    // The word may still be under way when the next call leaves.
    for (let calls = 0; sessions.length === 1 && calls < 100; calls++) {
      fresh.close();
      fresh = await up.send(post(url));
    }
    expect(sessions).toHaveLength(2);
    held[0]?.end(' and last');
    expect(await textOf(old)).toBe('first and last');
    await gone;
    fresh.close();
  });

  it('that the agent ends with an error has reset its calls', async () => {
    const { url, sessions } = await http2Agent((stream) => {
      stream.respond({ ':status': 200 });
      stream.write('first');
    });
    const response = await get(url);
    const chunks = response.chunks()[Symbol.asyncIterator]();
    await chunks.next();
    sessions[0]?.goaway(constants.NGHTTP2_INTERNAL_ERROR);
    await expect(chunks.next()).rejects.toMatchObject(failsWith('upstream_reset'));
  });

  it('whose agent hangs up politely in mid-body has reset it: the end of a connection is none of an answer', async () => {
    const { url, sockets } = await http2Agent((stream) => {
      stream.respond({ ':status': 200 });
      stream.write('first');
    });
    const response = await get(url);
    const chunks = response.chunks()[Symbol.asyncIterator]();
    await chunks.next();
    sockets[0]?.end();
    await expect(chunks.next()).rejects.toMatchObject(failsWith('upstream_reset'));
  });

  it('whose stream is reset has reset the call', async () => {
    const { url } = await http2Agent((stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
    await expect(get(url)).rejects.toMatchObject(failsWith('upstream_reset'));
  });

  it('without a call is closed after a while', async () => {
    const { url, sessions } = await http2Agent((stream) =>
      stream.respond({ ':status': 200 }, { endStream: true }),
    );
    const up = http2Upstream({ idleSessionMs: 20 });
    await textOf(await up.send(post(url)));
    await once(sessions[0] ?? expect.unreachable(), 'close');
    expect((await up.send(post(url))).status).toBe(200);
    expect(sessions).toHaveLength(2);
  });
});
