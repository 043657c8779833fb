import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bindings, call, expectRefusal, success } from './support/bindings.ts';
import { cites } from './support/cites.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { errorInfo } from './support/raw.ts';
import { answerJson, type Script, type SeenRequest } from './support/scripted-agent.ts';

/** Credentials that an owner brings and that stay as they are, each against a server that looks at it. */

let gateway: TestGateway;
let agents = 0;

beforeAll(async () => {
  gateway = await startGateway({ registration: null });
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send', 'stream', 'read'] });
});
afterAll(() => gateway.close());
beforeEach(() => void gateway.agent.seen.splice(0));

/** A server that answers those alone who present what it wants. */
function serverThatWants(isRight: (request: SeenRequest) => boolean): Script {
  return (request, response, incoming) => {
    const body = success(request.target.startsWith('/rpc') ? 'JSON-RPC' : 'HTTP+JSON', { id: 't-1' });
    answerJson(body, isRight(request) ? 200 : 401)(request, response, incoming);
  };
}

async function newAgent(authConfig: Record<string, unknown>): Promise<string> {
  const agentId = `static-${++agents}`;
  await register(gateway, { agentId, authConfig });
  return agentId;
}

function patch(agentId: string, change: unknown): Promise<Response> {
  return gateway.admin('PATCH', `/admin/agents/${agentId}`, change, { 'if-match': '*' });
}

function basicPair({ headers }: SeenRequest): string {
  return Buffer.from(headers.authorization?.replace('Basic ', '') ?? '', 'base64').toString('utf8');
}

function queryOf({ target }: SeenRequest): URLSearchParams {
  return new URL(target, 'http://agent').searchParams;
}

interface Case {
  what: string;
  /** With the secret `wrong` in place of the right one, the same. */
  authConfig(isWrong: boolean): Record<string, unknown>;
  isRight(request: SeenRequest): boolean;
}

const cases: readonly Case[] = [
  {
    what: 'a bearer token',
    authConfig: (isWrong) => ({ type: 'bearer', token: isWrong ? 'wrong' : 's3cret-token~+/=' }),
    isRight: ({ headers }) => headers.authorization === 'Bearer s3cret-token~+/=',
  },
  {
    what: 'a key in a header',
    authConfig: (isWrong) => ({
      type: 'api_key',
      name: 'X-API-Key',
      apiKey: isWrong ? 'wrong' : 'key of two words',
    }),
    isRight: ({ headers }) => headers['x-api-key'] === 'key of two words',
  },
  {
    what: 'a key after a word',
    authConfig: (isWrong) => ({
      ...{ type: 'api_key', name: 'Authorization', prefix: 'ApiKey' },
      apiKey: isWrong ? 'wrong' : 'k',
    }),
    isRight: ({ headers }) => headers.authorization === 'ApiKey k',
  },
  {
    what: 'a key in a query',
    authConfig: (isWrong) => ({
      ...{ type: 'api_key', in: 'query', name: 'key' },
      apiKey: isWrong ? 'wrong' : 'k&y=1 %2b#',
    }),
    isRight: (request) => queryOf(request).getAll('key').join() === 'k&y=1 %2b#',
  },
  {
    what: 'a user and a password',
    authConfig: (isWrong) => ({
      ...{ type: 'basic', username: 'Jürgen' },
      password: isWrong ? 'wrong' : 'pass:wörd ✓',
    }),
    isRight: (request) => basicPair(request) === 'Jürgen:pass:wörd ✓',
  },
];

describe.each(cases)('$what', ({ authConfig, isRight }) => {
  it.each(bindings)('opens the backend in %s', async (binding) => {
    gateway.agent.script(serverThatWants(isRight));
    const agentId = await newAgent(authConfig(false));
    for (const operation of ['GetTask', 'SendMessage', 'SendStreamingMessage'] as const) {
      const response = await call(gateway, binding, operation, { agentId });
      expect(response.status).toBe(200);
      expect(await response.text()).toBe(success(binding, { id: 't-1' }));
    }
  });

  it.each(bindings)('that is wrong is tried once in %s', async (binding) => {
    gateway.agent.script(serverThatWants(isRight));
    const agentId = await newAgent(authConfig(true));
    const response = await call(gateway, binding, 'GetTask', { agentId });
    await expectRefusal(response, binding, 'UPSTREAM_UNAUTHORIZED');
    expect(gateway.agent.seen).toHaveLength(1);
  });

  it('that is replaced while calls run fails none of them', async () => {
    let isRotated = false;
    const isWrong = (request: SeenRequest) => !isRight(request);
    // The backend takes the old secret until the registration has answered, and the new one from the beginning.
    gateway.agent.script(serverThatWants((request) => isRight(request) || (!isRotated && isWrong(request))));
    const agentId = await newAgent(authConfig(true));
    const statuses: number[] = [];
    const caller = async () => {
      for (let calls = 0; calls < 10; calls++) {
        const response = await call(gateway, 'HTTP+JSON', 'GetTask', { agentId });
        statuses.push(response.status);
        await response.text();
      }
    };
    const callers = Array.from({ length: 5 }, caller);
    expect((await patch(agentId, { authConfig: authConfig(false) })).status).toBe(200);
    isRotated = true;
    await Promise.all([...callers, caller()]);
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(isRight(gateway.agent.seen.at(-1) ?? { method: '', target: '', headers: {}, body: '' })).toBe(
      true,
    );
  });

  it('is named by the management routes and never shown', async () => {
    const agentId = await newAgent(authConfig(false));
    const shown = await (await gateway.admin('GET', `/admin/agents/${agentId}`)).json();
    const secret = ['token', 'apiKey', 'password'].find((name) => name in authConfig(false)) ?? '';
    const { [secret]: _, ...members } = authConfig(false);
    expect(shown.authConfig).toEqual({ in: shown.authConfig.in, ...members, secrets: [secret] });
  });
});

describe('a key in a query', () => {
  it("takes the place of a caller's own, and leaves the rest of the query", async () => {
    gateway.agent.script(answerJson({}));
    const agentId = await newAgent({ type: 'api_key', in: 'query', name: 'key', apiKey: 'ours' });
    await gateway.fetch(`/agents/${agentId}/tasks?pageSize=5&key=theirs&KEY=theirs&x=%7B`);
    expect(gateway.agent.seen.map(({ target }) => target)).toEqual(['/rest/tasks?pageSize=5&x=%7B&key=ours']);
  });
});

describe('a static credential', () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['a token that would begin another header', { type: 'bearer', token: 'a\r\nx: y' }, 'token'],
    ['a token with its scheme', { type: 'bearer', token: 'Bearer abc' }, 'token'],
    ['a token beyond ASCII', { type: 'bearer', token: 'tökén' }, 'token'],
    ['no token', { type: 'bearer', token: '' }, 'token'],
    ['a key with a line break', { type: 'api_key', name: 'k', apiKey: 'a\nb' }, 'apiKey'],
    ['a header of HTTP', { type: 'api_key', name: 'Host', apiKey: 'k' }, 'name'],
    ['a header of A2A', { type: 'api_key', name: 'A2A-Version', apiKey: 'k' }, 'name'],
    ["a header of the gateway's", { type: 'api_key', name: 'x-request-id', apiKey: 'k' }, 'name'],
    ['a header that is no token', { type: 'api_key', name: 'a: b', apiKey: 'k' }, 'name'],
    ['a query name of A2A', { type: 'api_key', in: 'query', name: 'task_id', apiKey: 'k' }, 'name'],
    ['a query name of two', { type: 'api_key', in: 'query', name: 'a&b', apiKey: 'k' }, 'name'],
    ['a word in a query', { type: 'api_key', in: 'query', name: 'k', prefix: 'A', apiKey: 'k' }, 'prefix'],
    ['a word that is no token', { type: 'api_key', name: 'k', prefix: 'A B', apiKey: 'k' }, 'prefix'],
    ['a place there is not', { type: 'api_key', in: 'cookie', name: 'k', apiKey: 'k' }, 'in'],
    ['a colon in a name', { type: 'basic', username: 'a:b', password: 'p' }, 'username'],
    ['a line break in a password', { type: 'basic', username: 'a', password: 'p\n' }, 'password'],
    ['half a character', { type: 'basic', username: 'a', password: '\ud800' }, 'password'],
    ['a member of another kind', { type: 'bearer', token: 't', username: 'a' }, 'username'],
  ])('with %s is refused, and not repeated', async (_, authConfig, member) => {
    cites('RFC-7617-2-user-name');
    const body = { agentId: 'refused', agentCardUrl: gateway.agent.cardUrl, authConfig };
    const answer = await gateway.admin('POST', '/admin/agents', body);
    const text = await answer.text();
    expect(answer.status).toBe(400);
    expect(errorInfo(text)).toMatchObject({
      reason: 'PARAMETER_INVALID',
      metadata: { parameter: `authConfig.${member}` },
    });
    const secret = String(authConfig.token ?? authConfig.apiKey ?? authConfig.password);
    if (secret.length > 1) expect(text).not.toContain(JSON.stringify(secret).slice(1, -1));
  });
});
