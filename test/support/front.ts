import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An address that is known before what it leads to: a gateway is told its own before it listens. */
export interface Front {
  url: string;
  /** Says where it leads from now on. */
  leadTo(url: string): void;
  close(): Promise<void>;
}

export async function startFront(): Promise<Front> {
  let target = '';
  const server = createServer((incoming, response) => {
    const { method, headers, url = '' } = incoming;
    const onward = request(target + url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, // A TCP server that listens has one.
    leadTo(url) {
      target = url;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
