/**
 * The least a function behind API Gateway can be: the body read, passed on, the answer handed back. What others are
 * measured against.
 */
import { Agent, request } from 'node:http';

const target = process.env.BENCH_TARGET ?? '';
const agent = new Agent({ keepAlive: true });

export function handler(event: { body: string | null }): Promise<unknown> {
  const body = event.body ?? '';
  JSON.parse(body === '' ? '{}' : body);
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request(target, { method: 'POST', agent, headers }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer); // Without an encoding, buffers.
      resolve({ statusCode: response.statusCode, body: Buffer.concat(chunks).toString() });
    });
    sent.on('error', reject).end(body);
  });
}
