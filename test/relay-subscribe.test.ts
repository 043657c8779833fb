import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { call, expectRefusal } from './support/bindings.ts';
import { cites } from './support/cites.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { answerEvents, answerJson, type Script } from './support/scripted-agent.ts';

/** The specification gives `:subscribe` two methods, POST in its prose and GET in its proto; agents take one or both. */

const stream = answerEvents('data: {"task":{"id":"t-1"}}\n\n');
let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());
beforeEach(() => gateway.agent.seen.splice(0));

/** An agent that routes one method to its stream and answers the other as given. */
function routing(method: 'GET' | 'POST', otherwise: Script): Script {
  return (request, ...rest) => (request.method === method ? stream : otherwise)(request, ...rest);
}

function seen(): string[] {
  return gateway.agent.seen.map(({ method, target, body }) => `${method} ${target} ${body}`.trim());
}

const notAllowed = answerJson('', 405, 'text/plain');
const details = [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'TASK_NOT_FOUND' }];
const taskNotFound = { error: { code: 404, status: 'NOT_FOUND', message: 'no', details } };

describe('a subscription in HTTP+JSON', () => {
  it.each(['GET', 'POST'])('asked for by %s goes on by POST', async (method) => {
    cites('A2A-3.1.6-get-and-post', 'HTTP+JSON 1.0');
    gateway.agent.script(routing('POST', notAllowed));
    const response = await gateway.fetch('/agents/agent/tasks/t-1:subscribe', { method });
    expect(await response.text()).toBe('data: {"task":{"id":"t-1"}}\n\n');
    expect(seen()).toEqual(['POST /rest/tasks/t-1:subscribe']);
  });

  it.each<[string, Script]>([
    ['405', notAllowed],
    ['405 with details', answerJson(taskNotFound, 405)],
    ['404 in HTML', answerJson('<p>no</p>', 404, 'text/html')],
    ['404 with nothing', answerJson('', 404)],
    ['404 without details', answerJson({ error: { code: 404, message: 'no route' } }, 404)],
    ['404 of another shape', answerJson({ message: 'no route' }, 404)],
  ])('goes on by GET where the agent answers POST with %s', async (_, otherwise) => {
    cites('A2A-3.1.6-get-and-post', 'HTTP+JSON 1.0');
    gateway.agent.script(routing('GET', otherwise));
    const response = await call(gateway, 'HTTP+JSON', 'SubscribeToTask');
    expect([response.status, await response.text()]).toEqual([200, 'data: {"task":{"id":"t-1"}}\n\n']);
    expect(seen()).toEqual(['POST /rest/tasks/t-1:subscribe {"id":"t-1"}', 'GET /rest/tasks/t-1:subscribe']);
  });

  it('to a task the agent does not know is answered once, as the agent does', async () => {
    gateway.agent.script(answerJson(taskNotFound, 404));
    const response = await call(gateway, 'HTTP+JSON', 'SubscribeToTask');
    expect([response.status, await response.json()]).toEqual([404, taskNotFound]);
    expect(seen()).toHaveLength(1);
  });

  it("the agent takes by neither method gets the agent's last word", async () => {
    gateway.agent.script(answerJson({ error: { code: 404 } }, 404));
    const relayed = await call(gateway, 'HTTP+JSON', 'SubscribeToTask');
    expect([relayed.status, await relayed.json()]).toEqual([404, { error: { code: 404 } }]);
    gateway.agent.script(notAllowed);
    const refused = await call(gateway, 'HTTP+JSON', 'SubscribeToTask');
    await expectRefusal(refused, 'HTTP+JSON', 'INVALID_AGENT_RESPONSE', { problem: 'media_type' });
    expect(seen()).toHaveLength(4);
  });

  it.each([400, 403, 409, 500])('answered with %i is asked for once', async (status) => {
    gateway.agent.script(answerJson({ error: { code: status } }, status));
    const response = await call(gateway, 'HTTP+JSON', 'SubscribeToTask');
    expect(response.status).toBe(status);
    expect(seen()).toHaveLength(1);
  });
});

describe('another operation', () => {
  it.each(['CancelTask', 'SendStreamingMessage', 'SendMessage'] as const)(
    'such as %s is never asked for twice',
    async (operation) => {
      gateway.agent.script(answerJson({ error: { code: 404 } }, 404));
      expect((await call(gateway, 'HTTP+JSON', operation)).status).toBe(404);
      expect(seen()).toHaveLength(1);
    },
  );
});
