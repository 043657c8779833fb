import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exampleKeys } from '../support/aws-service.ts';
import { bindings, call, expectRefusal } from '../support/bindings.ts';
import { permit, register, startGateway, type TestGateway } from '../support/gateway.ts';
import { answerStreamed, functionArn, type LambdaApi, startLambda } from '../support/lambda-invoke.ts';
import { cardAt } from '../support/scripted-agent.ts';

/** A function, or who answers in its place at an endpoint of its owner, that means harm by what it answers. */

let gateway: TestGateway;
let lambda: LambdaApi;

beforeAll(async () => {
  const one = { maxConcurrentCalls: 1, maxOpenStreams: 1, maxQueuedCalls: 0 };
  const deadlines = { idleTimeoutMs: 200, totalTimeoutMs: 400 };
  [gateway, lambda] = await Promise.all([
    startGateway({ registration: null, settings: { load: { agent: one }, deadlines } }),
    startLambda(),
  ]);
  lambda.card(cardAt('https://function.example'));
  await register(gateway, {
    agentCardUrl: undefined,
    backend: { type: 'lambda', functionArn, endpointUrl: lambda.url },
    authConfig: { type: 'aws_sigv4', ...exampleKeys },
  });
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'stream', 'read'] });
});
afterAll(() => Promise.all([gateway.close(), lambda.close()]));

/** JSON carries what HTTP does not: a line break would begin another header, the rest cannot be written. */
const values = ['5\r\nset-cookie: session=theirs', '5\n', '\u0000', '€', '\ud800'];

describe.each(bindings)('a function, over %s,', (binding) => {
  it.each(values)('cannot put %j into a header, nor keep the place of its call', async (value) => {
    for (const operation of ['SendStreamingMessage', 'SendMessage'] as const) {
      const type = operation === 'SendMessage' ? 'application/json' : 'text/event-stream';
      const headers = { 'content-type': type, 'retry-after': value };
      lambda.script(answerStreamed({ statusCode: 200, headers }, 'data: {}\n\n'));
      // The agent has one place: the second call finds it free again.
      for (let calls = 0; calls < 2; calls++) {
        const answer = await call(gateway, binding, operation);
        expect(answer.headers.get('set-cookie')).toBeNull();
        await expectRefusal(answer, binding, 'INVALID_AGENT_RESPONSE', { problem: 'lambda_head' });
      }
    }
  });

  it('cannot keep a call that is no stream for ever, a byte at a time', async () => {
    lambda.script((_event, answer) => {
      answer.head({ statusCode: 200, headers: { 'content-type': 'application/json' } });
      const drip = setInterval(() => answer.write(' '), 20);
      answer.response.on('close', () => clearInterval(drip));
    });
    await expectRefusal(await call(gateway, binding, 'GetTask'), binding, 'UPSTREAM_TIMEOUT', {
      phase: 'total',
    });
  });

  it('cannot keep it before its head, either', async () => {
    lambda.script((_event, answer) => {
      const drip = setInterval(() => answer.write(' '), 20);
      answer.response.on('close', () => clearInterval(drip));
    });
    await expectRefusal(await call(gateway, binding, 'GetTask'), binding, 'UPSTREAM_TIMEOUT', {
      phase: 'total',
    });
  });
});
