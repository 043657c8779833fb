import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startConformanceGateway } from '../examples/conformance/serve.ts';
import { type Caller, callerOf, errorOf, eventsOf, sentToJson } from './support/conformance.ts';
import { said, taskOf, unknownId, unread } from './support/conformance-cell.ts';

/** Agents that speak nothing but gRPC, called over what the gateway's callers speak. */

type Started = Awaited<ReturnType<typeof startConformanceGateway>>;

describe.each(['grpc-1.0', 'grpc-0.3'] as const)('an agent that speaks %s alone', (protocol) => {
  let started: Started;
  let caller: Caller;

  beforeAll(async () => {
    started = await startConformanceGateway({ agent: { protocols: [protocol], paceMs: 10 }, log: unread });
    caller = await callerOf(started.cardUrl, 'jsonrpc-1.0');
  });
  afterAll(() => started.close());

  it('answers messages', async () => {
    const sent = await caller.client.sendMessage(said('tck-complete-task-1'));
    expect(taskOf(sent).status?.state).toBe(3);
    expect(sentToJson(await caller.client.sendMessage(said('tck-message-response-1')))).toMatchObject({
      message: { parts: [{ text: 'Direct message response' }] },
    });
  });

  it('streams', async () => {
    const events = await eventsOf(caller.client.sendMessageStream(said('tck-stream-artifact-chunked-1')));
    expect(events.map((event) => Object.keys(event as object)[0])[0]).toBe('task');
    expect(JSON.stringify(events)).toContain('chunk-2');
  });

  it('is asked for tasks, and says where there is none', async () => {
    const task = taskOf(await caller.client.sendMessage(said('tck-input-required-1')));
    expect((await caller.client.getTask({ id: task.id, tenant: '' })).id).toBe(task.id);
    const error = await errorOf(caller.client.getTask({ id: unknownId, tenant: '' }));
    expect(error.name).toMatch(/TaskNotFound/);
    const canceled = await caller.client.cancelTask({ id: task.id, tenant: '', metadata: undefined });
    expect(canceled.status?.state).toBe(5);
  });
});
