import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A custom resource's answer, as far as tests look. */
export interface Answer {
  Status: string;
  Reason: string;
  PhysicalResourceId: string;
  Data?: unknown;
}

/** Where CloudFormation waits for an answer. */
export interface CloudFormation {
  url: string;
  answers: Answer[];
  headers: IncomingHttpHeaders[];
  /** How many of the next tries are answered 503. */
  failing: number;
  close(): Promise<void>;
}

export async function startCloudFormation(): Promise<CloudFormation> {
  const server: Server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer); // A request without encoding yields buffers.
    started.headers.push(request.headers);
    response.statusCode = started.failing-- > 0 || request.method !== 'PUT' ? 503 : 200;
    if (response.statusCode === 200) started.answers.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const started: CloudFormation = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/signed?x=1`,
    answers: [],
    headers: [],
    failing: 0,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return started;
}
