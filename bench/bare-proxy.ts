import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request as send } from 'undici';
import { reportCpu } from './cpu.ts';

/** What one would write in an afternoon: parse the body, pass it on, pipe the answer back. */
const target = process.argv[2] ?? '';
const dispatcher = new Agent({ bodyTimeout: 0 });

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', async () => {
    const body = Buffer.concat(chunks).toString('utf8');
    JSON.parse(body);
    const answer = await send(target, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      dispatcher,
    });
    response.writeHead(answer.statusCode, { 'content-type': answer.headers['content-type'] ?? '' });
    answer.body.pipe(response);
  });
});

server.listen(0, '127.0.0.1', () => {
  reportCpu();
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
