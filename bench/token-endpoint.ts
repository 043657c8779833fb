import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A token endpoint that gives every caller the same token, for an hour. */
const token = JSON.stringify({
  access_token: 'b'.repeat(800),
  issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
  token_type: 'Bearer',
  expires_in: 3_600,
});
const server = createServer((request, response) => {
  request.resume();
  response.writeHead(200, { 'content-type': 'application/json' }).end(token);
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://localhost:${(server.address() as AddressInfo).port}/token` });
});
process.on('disconnect', () => process.exit());
