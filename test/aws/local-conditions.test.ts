import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalGateway, startLocalGateway } from '../aws-local/local-gateway.ts';
import { errorInfo } from '../support/raw.ts';
import { answerJson } from '../support/scripted-agent.ts';
import { describeWith } from './tools.ts';

let gateway: LocalGateway;

const send = (agentId: string) =>
  gateway.fetch(`/agents/${agentId}/message:send`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ message: { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hello' }] } }),
  });

/** Who refuses: the core says of an agent what API Gateway, refusing by its policy, cannot. */
async function outcomeOf(answer: Promise<Response>): Promise<string> {
  const { status, text } = await answer.then(async (given) => ({
    status: given.status,
    text: await given.text(),
  }));
  return status === 200 ? 'passed' : (errorInfo(text)?.reason ?? `gate ${status}`);
}

describeWith(['java', 'moto'], 'a stack with conditions', () => {
  beforeAll(async () => {
    gateway = await startLocalGateway({ conditions: true });
    gateway.agent.script(answerJson({ task: { id: 't-1' } }));
    await gateway.admin('POST', '/admin/agents', {
      agentId: 'tagged',
      agentCardUrl: gateway.agent.cardUrl,
      tags: ['demo'],
    });
  });
  afterAll(() => gateway?.close());

  async function permitWhen(condition: string): Promise<Response> {
    const body = { allowedAgents: ['*'], operations: ['send'], condition };
    return gateway.admin('PUT', '/admin/permissions/demo', body);
  }

  it('has it judged by the authorizer, and by the core, with Cedar from the layer', async () => {
    const written = permitWhen('resource.tags.contains("demo") && principal.scopes.contains("demo")');
    expect((await written).status).toBe(200);
    await expect.poll(() => outcomeOf(send('tagged')), { timeout: 15_000 }).toBe('passed');
    await expect
      .poll(() => outcomeOf(send('agent')), { timeout: 15_000 })
      .toMatch(/^gate 403|AGENT_FORBIDDEN/);
    expect(gateway.printed.filter((line) => /cedar_trapped|condition_failed/.test(line))).toEqual([]);
  });

  it('has a condition refused that is none', async () => {
    const answer = await permitWhen('principal.scoops.contains("demo")');
    expect(answer.status).toBe(400);
    expect(errorInfo(await answer.text())?.metadata?.problem).toMatch(/did you mean/);
  });

  describe('that holds for nobody', () => {
    it('shows and finds nothing', async () => {
      await permitWhen('principal has tenant');
      await expect
        .poll(
          async () => ((await (await gateway.fetch('/agents')).json()) as { totalSize: number }).totalSize,
          {
            timeout: 15_000,
          },
        )
        .toBe(0);
    });
  });
});
