import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../support/aws-service.ts';
import { request, upstream } from '../support/upstream-servers.ts';

/** An agent that sends its answer a byte at a time: an array of a million pieces would take a hundred megabytes. */

const bytes = 50_000;
const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.once('data', () => {
    socket.end(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${'1\r\nx\r\n'.repeat(bytes)}0\r\n\r\n`);
  });
});
let url: URL;

beforeAll(async () => {
  url = new URL(await listen(server));
});
afterAll(() => void server.close());

describe('an answer in chunks of one byte', () => {
  it('is read as a whole into one piece', async () => {
    const response = await upstream().send(request(url));
    expect((await response.bytes(bytes)).length).toBe(bytes);
  });

  it('is relayed in as many pieces as it came in, and not in as many as it has chunks', async () => {
    const response = await upstream().send(request(url));
    const lengths: number[] = [];
    for await (const piece of response.chunks()) lengths.push(piece.length);
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(bytes);
    expect(lengths.length).toBeLessThan(bytes / 50);
  });

  it('that is too large is refused', async () => {
    const response = await upstream().send(request(url));
    await expect(response.bytes(bytes - 1)).rejects.toMatchObject({
      failure: { code: 'upstream_response_too_large' },
    });
  });
});
