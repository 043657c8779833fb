import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConformanceAgent, startConformanceAgent } from '../../examples/conformance/agent.ts';
import type { Protocol } from '../../examples/conformance/protocols.ts';
import { type Cast, permit } from './cast.ts';

/** Agents of the official SDK that speak one protocol each, none of them JSON-RPC of 1.0. */
const spoken = [
  'http-json-1.0',
  'grpc-1.0',
  'jsonrpc-0.3',
  'http-json-0.3',
  'grpc-0.3',
] as const satisfies Protocol[];

/** How a caller asks, in each of the protocols that come in over HTTP. */
const callers = {
  'JSON-RPC of 1.0': rpc('1.0', { send: 'SendMessage', stream: 'SendStreamingMessage', get: 'GetTask' }),
  'JSON-RPC of 0.3': rpc('0.3', { send: 'message/send', stream: 'message/stream', get: 'tasks/get' }),
  'HTTP+JSON of 1.0': rest('1.0', ''),
  'HTTP+JSON of 0.3': rest('0.3', '/v1'),
};

type Asked = [path: string, init: RequestInit];
type Ask = (what: 'send' | 'stream' | 'get', argument: string) => Asked;

function rpc(version: string, methods: Record<'send' | 'stream' | 'get', string>): Ask {
  return (what, argument) => {
    const params = what === 'get' ? { id: argument } : { message: messageOf(argument, version) };
    return ['', posted(version, { jsonrpc: '2.0', id: 7, method: methods[what], params })];
  };
}

function rest(version: string, prefix: string): Ask {
  return (what, argument) => {
    if (what === 'get') return [`${prefix}/tasks/${argument}`, { headers: { 'a2a-version': version } }];
    const { parts, ...message } = messageOf(argument, '1.0');
    const named = version === '0.3' ? { content: parts } : { parts };
    return [`${prefix}/message:${what}`, posted(version, { message: { ...message, ...named } })];
  };
}

function posted(version: string, body: unknown): RequestInit {
  const headers = { 'content-type': 'application/json', 'a2a-version': version };
  return { method: 'POST', headers, body: JSON.stringify(body) };
}

function messageOf(messageId: string, version: string) {
  return version === '0.3'
    ? { kind: 'message', messageId, role: 'user', parts: [{ kind: 'text', text: 'hi' }] }
    : { messageId, role: 'ROLE_USER', parts: [{ text: 'hi' }] };
}

/** Callers and agents of different protocols. */
export function bridgeScenarios(cast: () => Cast): void {
  let agents: ConformanceAgent[];

  beforeAll(async () => {
    agents = await Promise.all(
      spoken.map((protocol) => startConformanceAgent({ protocols: [protocol], paceMs: 10 })),
    );
    for (const [n, { cardUrl }] of agents.entries()) {
      const body = { agentId: idOf(spoken[n]), agentCardUrl: cardUrl };
      expect((await cast().admin('POST', '/admin/agents', body)).status).toBe(201);
    }
    const operations = ['send', 'stream', 'read', 'cancel', 'push'];
    await permit(cast(), 'demo', { allowedAgents: ['agent', ...spoken.map(idOf)], operations });
  }, 60_000);
  afterAll(() => Promise.all((agents ?? []).map((agent) => agent.close())));

  describe.each(spoken)('with an agent of %s', (protocol) => {
    const ask = async (caller: Ask, what: Parameters<Ask>[0], argument: string) => {
      const [path, init] = caller(what, argument);
      const response = await cast().fetch(`/agents/${idOf(protocol)}${path}`, init);
      return { status: response.status, text: await response.text() };
    };

    it.each(Object.entries(callers))('are answered in %s', async (_, caller) => {
      const sent = await ask(caller, 'send', 'tck-complete-task-00000001');
      // The agents of 0.3 over HTTP+JSON answer that they made something; untouched, so does the gateway.
      expect([200, 201]).toContain(sent.status);
      expect(sent.text).toContain('Hello from TCK');
      expect(sent.text).toMatch(/"state":"(?:TASK_STATE_COMPLETED|completed)"/);
      const streamed = await ask(caller, 'stream', 'tck-stream-001-00000001');
      const events = streamed.text.split('\n\n').filter((event) => event.startsWith('data: '));
      expect(events[0]).toMatch(/"task":|"kind":"task"/);
      expect(events.at(-1)).toMatch(/"state":"(?:TASK_STATE_COMPLETED|completed)"/);
    });

    it.each(Object.entries(callers))('hear that there is no such task in %s', async (name, caller) => {
      const { status, text } = await ask(caller, 'get', 'never-was');
      expect(status).toBe(name.startsWith('JSON-RPC') ? 200 : 404);
      expect(text).toMatch(/TASK_NOT_FOUND|"code":-32001/);
    });
  });
}

function idOf(protocol = ''): string {
  return `of-${protocol.replace('.', '-')}`;
}
