import { expect } from 'vitest';
import type { FailureCode } from '../../src/failure.ts';
import type { OperationName } from '../../src/protocol/operations.ts';
import { register, type TestGateway } from '../support/gateway.ts';
import { answerEvents, answerJson, cardAt, nextCall, type Script } from '../support/scripted-agent.ts';
import { ask, type Scene } from './ask.ts';
import { type EvidenceOf, everywhere, type Provocation, type Provocations } from './provocation.ts';
import { briefMs, gatewayWith, limits, standScene } from './scenes.ts';

const calls = 'call no agents but for their cards, whose failures are card_unavailable';

interface Failing {
  agentId?: string;
  operation?: OperationName;
  /** What the agent does when it is called. */
  script?: Script;
  headers?: Readonly<Record<string, string>>;
  scene?: () => Promise<Scene>;
}

/** A call that fails at the agent, in whatever words. */
function failing<Code extends FailureCode>(
  evidence: EvidenceOf<Code>,
  { agentId = 'agent', operation = 'SendMessage', script, headers = {}, scene }: Failing,
): Provocation<Code> {
  return {
    evidence,
    ...(scene !== undefined && { scene }),
    on: {
      ...everywhere((scene, cell) => {
        if (script !== undefined) scene.agent.script(script);
        return ask(scene, cell, operation, { agentId, headers });
      }),
      'own routes': calls,
    },
  };
}

/** Longer than any test: a breaker that tries the agent again would let a call through. */
const anHourMs = 3_600_000;
const silent: Script = () => {};
const inside = { 'content-type': 'application/json', location: 'http://inside.example/' };

/** The agent behind. */
export const ofAgents: Provocations<
  | 'call_loop'
  | 'upstream_address_refused'
  | 'upstream_unreachable'
  | 'upstream_tls_failed'
  | 'upstream_timeout'
  | 'upstream_reset'
  | 'upstream_stalled'
  | 'upstream_redirected'
  | 'upstream_unauthorized'
  | 'upstream_unavailable'
  | 'upstream_response_invalid'
  | 'upstream_response_too_large'
  | 'upstream_event_too_large'
  | 'credential_unavailable'
  | 'agent_overloaded'
  | 'agent_circuit_open'
  | 'gateway_overloaded'
> = {
  call_loop: failing<'call_loop'>(
    { rule: 'hops', limit: '8' },
    { headers: { tracestate: `a2a-gateway=${Array.from({ length: 8 }, () => '01234567').join('.')}` } },
  ),
  upstream_address_refused: failing<'upstream_address_refused'>(
    { rule: 'address:private' },
    { agentId: 'inner', scene: innerScene },
  ),
  upstream_unreachable: failing<'upstream_unreachable'>({}, { agentId: 'away' }),
  upstream_tls_failed: failing<'upstream_tls_failed'>({}, { agentId: 'uncertified' }),
  upstream_timeout: failing<'upstream_timeout'>({ phase: 'headers' }, { agentId: 'brief', script: silent }),
  upstream_reset: failing<'upstream_reset'>({}, { script: (_, response) => response.destroy() }),
  upstream_stalled: failing<'upstream_stalled'>(
    { idleTimeoutMs: String(briefMs) },
    {
      agentId: 'falters',
      operation: 'SendStreamingMessage',
      script: (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': begun\n\n');
      },
    },
  ),
  upstream_redirected: failing<'upstream_redirected'>(
    {},
    { script: (_, response) => response.writeHead(302, inside).end() },
  ),
  upstream_unauthorized: failing<'upstream_unauthorized'>(
    {},
    {
      script: (_, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="inside"' }).end(),
    },
  ),
  upstream_unavailable: failing<'upstream_unavailable'>(
    { status: '503', retryAfter: '7' },
    { script: (_, response) => response.writeHead(503, { ...inside, 'retry-after': '7' }).end('inside') },
  ),
  upstream_response_invalid: failing<'upstream_response_invalid'>(
    { problem: 'http' },
    { script: (_, response) => response.socket?.end('220 mail.example ESMTP\r\n') },
  ),
  upstream_response_too_large: failing<'upstream_response_too_large'>(
    { maxBytes: String(limits.maxAnswerBytes) },
    { script: answerJson({ text: 'x'.repeat(limits.maxAnswerBytes) }) },
  ),
  upstream_event_too_large: failing<'upstream_event_too_large'>(
    { maxEventBytes: String(limits.maxEventBytes) },
    {
      operation: 'SendStreamingMessage',
      script: answerEvents(`data: ${'x'.repeat(limits.maxEventBytes)}\n\n`),
    },
  ),
  credential_unavailable: failing<'credential_unavailable'>({ problem: 'token_answer' }, { agentId: 'poor' }),
  agent_overloaded: whileBusy<'agent_overloaded'>('busy'),
  agent_circuit_open: {
    evidence: { retryAfterSeconds: expect.stringMatching(/^(2[89]|3[0-6])\d\d$/) },
    scene: () => gatewayWith({ breaker: { consecutiveFailures: 1, openMs: anHourMs, maxOpenMs: anHourMs } }),
    on: {
      ...everywhere(async (scene, cell) => {
        scene.agent.script(answerJson('down', 503, 'text/plain'));
        await ask(scene, 'HTTP+JSON 1.0', 'SendMessage');
        return ask(scene, cell, 'SendMessage');
      }),
      'own routes': calls,
    },
  },
  gateway_overloaded: whileBusy<'gateway_overloaded'>('agent', () =>
    gatewayWith({ load: { maxConcurrentCalls: 1, maxQueuedCalls: 0 } }),
  ),
};

/** A call while the agent holds another. */
function whileBusy<Code extends 'agent_overloaded' | 'gateway_overloaded'>(
  agentId: string,
  scene?: () => Promise<Scene>,
): Provocation<Code> {
  return {
    evidence: { retryAfterSeconds: '5' } as EvidenceOf<Code>, // Both have this alone.
    ...(scene !== undefined && { scene }),
    on: {
      ...everywhere(async (scene, cell) => {
        const held = nextCall(scene.agent);
        const first = scene.fetch(`/agents/${agentId}/message:send`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ message: { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'x' }] } }),
        });
        const { response } = await held;
        const told = await ask(scene, cell, 'SendMessage', { agentId });
        response.end('{}');
        await (await first).text();
        return told;
      }),
      'own routes': calls,
    },
  };
}

/** An agent whose name came to lead into a private network after it was registered. */
async function innerScene(): Promise<Scene> {
  let address = '127.0.0.1';
  const scene = await standScene({ resolve: async () => [{ address, family: 4 }] });
  const origin = scene.agent.url.replace('127.0.0.1', 'agent.test');
  scene.agent.card(cardAt(origin));
  await register(scene as unknown as TestGateway, { agentId: 'inner', backendUrl: origin });
  address = '10.1.2.3';
  return scene;
}
