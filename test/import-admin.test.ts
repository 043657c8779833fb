import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAdmin, ImportStopped, refusalOf } from '../src/import/admin.ts';
import { answerJson, type ScriptedAgent, startScriptedAgent } from './support/scripted-agent.ts';

const token = 'the-token-of-the-administrator';
const secret = 'a "quoted" secret';

let server: ScriptedAgent;

beforeAll(async () => {
  server = await startScriptedAgent();
});

afterAll(() => server.close());

function admin(timeoutMs?: number) {
  return createAdmin({ url: server.url, token, ...(timeoutMs !== undefined && { timeoutMs }) });
}

describe('a call of the admin routes', () => {
  it('carries the token and the condition, and answers members and tag', async () => {
    server.script((_request, response) => response.writeHead(200, { etag: '"7"' }).end('{"a":1}'));
    const answer = await admin().call('PATCH', '/admin/agents/a', { body: { b: 2 }, ifMatch: '"6"' });
    expect(answer).toEqual({ status: 200, ok: true, etag: '"7"', body: { a: 1 } });
    expect(server.seen.at(-1)).toMatchObject({
      method: 'PATCH',
      target: '/admin/agents/a',
      body: '{"b":2}',
      headers: { authorization: `Bearer ${token}`, 'if-match': '"6"', 'content-type': 'application/json' },
    });
  });

  it('follows no redirect', async () => {
    const before = server.seen.length;
    server.script((_request, response) => response.writeHead(307, { location: '/elsewhere' }).end());
    await expect(admin().call('GET', '/admin/permissions')).rejects.toThrow(/redirect/);
    expect(server.seen.length).toBe(before + 1);
  });

  it.each([401, 403])('ends everything at %d', async (status) => {
    server.script(answerJson({}, status));
    await expect(admin().call('GET', '/admin/permissions')).rejects.toBeInstanceOf(ImportStopped);
  });

  it('has an end when nobody answers, before the answer or within it', async () => {
    server.script(() => {});
    await expect(admin(50).call('GET', '/a')).rejects.toThrow(/does not answer: TimeoutError/);
    server.script((_request, response) => void response.writeHead(200).write('{'));
    await expect(admin(50).call('GET', '/a')).rejects.toThrow(/does not answer: TimeoutError/);
  });

  it('takes no endless answer', async () => {
    const piece = 'x'.repeat(1_024 * 1_024);
    server.script((_request, response) => {
      const go = () => {
        while (!response.destroyed && response.write(piece));
      };
      response.on('drain', go);
      go();
    });
    await expect(admin().call('GET', '/a')).rejects.toThrow(/larger than any/);
  });
});

describe('a refusal', () => {
  const details = (metadata: unknown) => ({ error: { code: 400, details: [{ reason: 'BAD', metadata }] } });

  it('is told by its reason and its evidence, in one line', async () => {
    server.script(answerJson(details({ parameter: 'tags', problem: 'too\nmany' }), 400));
    expect(refusalOf(await admin().call('GET', '/a'))).toBe('BAD: tags: too many');
  });

  it.each(['', '<html>', '[]', '{"error":{"details":7}}', '{"error":{"details":[{}]}}'])(
    'is told by its status when it is not of ours: %s',
    async (body) => {
      server.script(answerJson(body, 502));
      expect(refusalOf(await admin().call('GET', '/a'))).toBe('the gateway answered 502');
    },
  );

  it('is told without the token and the secret it quotes', async () => {
    server.script(answerJson(details({ problem: `you sent ${secret} and ${token}` }), 400));
    const answer = await admin().call('POST', '/a', { body: { secret }, secret });
    expect(refusalOf(answer)).toBe('BAD: you sent *** and ***');
    expect(JSON.stringify(answer)).not.toContain('quoted');
  });
});
