import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import type { Clock } from '../../src/ports.ts';
import { type Verdict, type Verifying, verifySigV4, type WireRequest } from './sigv4-verifier.ts';

/** What stand-ins for services of AWS have in common. */

export const exampleKeys = {
  accessKeyId: 'AKIDEXAMPLEEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};

/** What a stand-in knows of keys; a test changes it as it goes. */
export type Keys = Record<string, Verifying['keys'][string]>;

export function keysOf({ accessKeyId, secretAccessKey }: typeof exampleKeys): Keys {
  return { [accessKeyId]: { secretAccessKey } };
}

export async function wireRequest(incoming: IncomingMessage): Promise<WireRequest> {
  const pieces: Uint8Array[] = [];
  for await (const piece of incoming) pieces.push(piece as Uint8Array); // A socket without an encoding gives bytes.
  return {
    method: incoming.method ?? '',
    target: incoming.url ?? '',
    rawHeaders: incoming.rawHeaders,
    body: Buffer.concat(pieces),
  };
}

const errorTypes: Readonly<Record<Exclude<Verdict, 'valid'>, string>> = {
  missing: 'MissingAuthenticationTokenException',
  scope: 'InvalidSignatureException',
  key: 'UnrecognizedClientException',
  session: 'UnrecognizedClientException',
  expired: 'ExpiredTokenException',
  skew: 'InvalidSignatureException',
  body: 'InvalidSignatureException',
  unsigned: 'InvalidSignatureException',
  signature: 'InvalidSignatureException',
};

/** Answers an error as services with REST and JSON do. */
export function answerAwsError(
  response: ServerResponse,
  status: number,
  type: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': type, ...headers });
  response.end(JSON.stringify({ message: `${type} at arn:aws:internal` }));
}

/** Whether a request is signed; answers it where it is not. */
export function admitted(request: WireRequest, response: ServerResponse, options: Verifying): boolean {
  const verdict = verifySigV4(request, options);
  if (verdict !== 'valid') answerAwsError(response, 403, errorTypes[verdict]);
  return verdict === 'valid';
}

export function headerOf({ rawHeaders }: WireRequest, name: string): string | undefined {
  const at = rawHeaders.findIndex((found, index) => index % 2 === 0 && found.toLowerCase() === name);
  return at === -1 ? undefined : rawHeaders[at + 1];
}

/** A service that only judges signatures. */
export interface AwsService {
  url: string;
  keys: Keys;
  seen: WireRequest[];
  /** What was thought of each request seen. */
  verdicts: Verdict[];
  /** How far its clock is before the gateway's. */
  aheadMs: number;
  verdictOf(request: WireRequest): Verdict;
  close(): Promise<void>;
}

export async function startAwsService(options: {
  region: string;
  service: string;
  clock: Clock;
  keys: Keys;
}): Promise<AwsService> {
  const { clock, ...scope } = options;
  const server = createServer(async (incoming, response) => {
    const request = await wireRequest(incoming);
    service.seen.push(request);
    service.verdicts.push(service.verdictOf(request));
    if (admitted(request, response, { ...scope, nowMs: clock.nowMs() + service.aheadMs })) response.end('{}');
  });
  const service: AwsService = {
    url: await listen(server),
    keys: options.keys,
    seen: [],
    verdicts: [],
    aheadMs: 0,
    verdictOf: (request) => verifySigV4(request, { ...scope, nowMs: clock.nowMs() + service.aheadMs }),
    close: () => closeServer(server),
  };
  return service;
}

export async function listen(server: Server | TcpServer): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // Listening on TCP.
}

export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
