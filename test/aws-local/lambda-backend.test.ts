import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InvokeApi, startInvokeApi } from '../../aws-local/invoke-api.ts';
import { exampleKeys } from '../support/aws-service.ts';
import { bindings, call } from '../support/bindings.ts';
import { permit, register, startGateway, type TestGateway } from '../support/gateway.ts';
import { cardAt } from '../support/scripted-agent.ts';
import { functionOf } from './support.ts';

/** An agent that is a real function in a process of its own, behind the local Lambda API: from the caller to its code. */

const source = `
const answered = (stream, type, statusCode = 200) =>
  awslambda.HttpResponseStream.from(stream, { statusCode, headers: { 'content-type': type } });

export const handler = awslambda.streamifyResponse(async (event, stream) => {
  if (event.rawPath.endsWith('/agent-card.json')) {
    const body = answered(stream, 'application/json');
    body.write(process.env.CARD);
    return body.end();
  }
  const said = JSON.parse(event.body);
  const isRpc = said.jsonrpc === '2.0';
  const wrapped = (result) => JSON.stringify(isRpc ? { jsonrpc: '2.0', id: said.id, result } : result);
  const streams = isRpc ? said.method === 'SendStreamingMessage' : event.rawPath.endsWith(':stream');
  const body = answered(stream, streams ? 'text/event-stream' : 'application/json');
  const text = (isRpc ? said.params : said).message.parts[0].text;
  const messageOf = (text) => ({ message: { messageId: 'm-2', role: 'ROLE_AGENT', parts: [{ text }] } });
  if (!streams) body.write(wrapped(messageOf(text)));
  else for (const n of [1, 2, 3]) body.write('data: ' + wrapped(messageOf(text + n)) + '\\n\\n');
  body.end();
});`;

let gateway: TestGateway;
let api: InvokeApi;

beforeAll(async () => {
  const called = await functionOf(source, {
    environment: { CARD: JSON.stringify(cardAt('https://unknown-to-it.example')) },
  });
  [gateway, api] = await Promise.all([startGateway({ registration: null }), startInvokeApi([called])]);
  const { arn: functionArn } = called.definition;
  await register(gateway, {
    agentId: 'agent',
    agentCardUrl: undefined,
    backend: { type: 'lambda', functionArn, endpointUrl: api.endpoint },
    authConfig: { type: 'aws_sigv4', ...exampleKeys },
  });
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'stream'] });
});
afterAll(() => Promise.all([gateway.close(), api.close()]));

describe.each(bindings)('an agent on a function, called in %s', (binding) => {
  it('answers', async () => {
    const response = await call(gateway, binding, 'SendMessage');
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('"text":"hello"');
  });

  it('streams its events', async () => {
    const response = await call(gateway, binding, 'SendStreamingMessage');
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const text = await response.text();
    expect([...text.matchAll(/"text":"(\w+)"/g)].map(([, said]) => said)).toEqual([
      'hello1',
      'hello2',
      'hello3',
    ]);
  });
});
