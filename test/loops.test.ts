import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call, message } from './support/bindings.ts';
import { type CallingAgent, callingAgentPaths, startCallingAgent } from './support/calling-agent.ts';
import { permit, register, startGateway, type TestGateway, withHeaders } from './support/gateway.ts';
import { type GrpcCaller, grpcCaller, grpcSettings } from './support/grpc.ts';
import { legacyCall } from './support/legacy.ts';

/** Agents of the official SDK that call each other through the gateway, with the trace context of the call they answer. */

type TraceContext = Record<string, string>;

let gateway: TestGateway;
let overGrpc: GrpcCaller;
let agents: Map<string, CallingAgent>;

beforeEach(async () => {
  gateway = await startGateway({ registration: null, settings: { grpc: grpcSettings } });
  overGrpc = grpcCaller(gateway.grpcAddress, { token: await gateway.issuer.token() });
  agents = new Map();
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations: ['send'] });
});
afterEach(async () => {
  overGrpc.close();
  await Promise.all([...agents.values()].map((agent) => agent.close()));
  await gateway.close();
});

/** Registers an agent that answers with its id and, in parentheses, what the next one says. */
async function join(
  agentId: string,
  next: ((traceContext: TraceContext) => Promise<string>) | undefined,
  spoken: keyof typeof callingAgentPaths = 'JSON-RPC 1.0',
): Promise<void> {
  const answer = async (context: TraceContext) =>
    next === undefined ? agentId : `${agentId}(${await next(context)})`;
  const agent = await startCallingAgent(spoken, answer);
  agents.set(agentId, agent);
  await register(gateway, { agentId, agentCardUrl: agent.cardUrl });
}

/** Each way to call an agent: its answer, or the reason it is refused for. */
const ways = {
  'JSON-RPC 1.0': async (agentId: string, context: TraceContext) => {
    return said(await call(withHeaders(gateway, context), 'JSON-RPC', 'SendMessage', { agentId }));
  },
  'HTTP+JSON 1.0': async (agentId: string, context: TraceContext) => {
    return said(await call(withHeaders(gateway, context), 'HTTP+JSON', 'SendMessage', { agentId }));
  },
  'JSON-RPC 0.3': async (agentId: string, context: TraceContext) => {
    return said(await legacyCall(withHeaders(gateway, context), 'SendMessage', { agentId }));
  },
  'gRPC 1.0': async (agentId: string, metadata: TraceContext) => {
    const { messages, details } = await overGrpc.call(
      'SendMessage',
      { tenant: agentId, message },
      { metadata },
    );
    return saidIn(JSON.stringify(messages[0] ?? details));
  },
} as const;
const wayNames = Object.keys(ways) as (keyof typeof ways)[];

async function said(answer: Response): Promise<string> {
  return saidIn(await answer.text());
}

function saidIn(text: string): string {
  return /"reason":"(\w+)"/.exec(text)?.[1] ?? /"artifacts":.*?"text":"([^"]*)"/.exec(text)?.[1] ?? text;
}

const send = ways['JSON-RPC 1.0'];
const asked = (agentId: string) => agents.get(agentId)?.asked;

describe('agents that call each other for ever', () => {
  it.each(
    wayNames.flatMap((way) =>
      (Object.keys(callingAgentPaths) as (keyof typeof callingAgentPaths)[]).map(
        (spoken) => [way, spoken] as const,
      ),
    ),
  )('are stopped when one of them is called for the third time: %s, to agents of %s', async (way, spoken) => {
    await join('a', (context) => ways[way]('b', context), spoken);
    await join('b', (context) => ways[way]('a', context), spoken);
    expect(await ways[way]('a', {})).toBe('a(b(a(b(CALL_LOOP))))');
    expect([asked('a'), asked('b')]).toEqual([2, 2]);
  });

  it('are stopped whichever way each is called', async () => {
    let calls = 0;
    const anyWay = (agentId: string) => (context: TraceContext) =>
      ways[wayNames[calls++ % wayNames.length] ?? 'gRPC 1.0'](agentId, context);
    await join('a', anyWay('b'), 'HTTP+JSON 1.0');
    await join('b', anyWay('c'), 'JSON-RPC 0.3');
    await join('c', anyWay('a'));
    expect(await send('a', {})).toBe('a(b(c(a(b(c(CALL_LOOP))))))');
  });

  it('are stopped where one calls itself', async () => {
    await join('a', (context) => send('a', context));
    expect(await send('a', {})).toBe('a(a(CALL_LOOP))');
  });

  it('go on where none hands on its trace context: the gateway cannot know', async () => {
    let calls = 0;
    await join('a', async () => (++calls < 6 ? send('a', {}) : 'enough'));
    expect(await send('a', {})).toContain('enough');
    expect(asked('a')).toBe(6);
  });
});

describe('agents that call each other in a row', () => {
  async function row(length: number): Promise<string> {
    for (let at = 1; at <= length; at++)
      await join(`a${at}`, at < length ? (context) => send(`a${at + 1}`, context) : undefined);
    return send('a1', {
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      tracestate: 'x=1',
    });
  }

  it('may be eight', async () => {
    expect(await row(8)).toBe('a1(a2(a3(a4(a5(a6(a7(a8)))))))');
  });

  it('may not be nine', async () => {
    expect(await row(9)).toBe('a1(a2(a3(a4(a5(a6(a7(a8(CALL_LOOP))))))))');
    expect(asked('a9')).toBe(0);
  });

  it('may each be called by one of them any number of times, side by side', async () => {
    await join('leaf', undefined);
    await join('root', async (context) => {
      const answers = await Promise.all(Array.from({ length: 12 }, () => send('leaf', context)));
      return [...new Set(answers)].join();
    });
    expect(await send('root', {})).toBe('root(leaf)');
    expect(asked('leaf')).toBe(12);
  });
});

describe('a record that a caller forges', () => {
  it('has its own call refused, by a failure that says why, and nobody else’s', async () => {
    await join('a', undefined);
    const tracestate = `a2a-gateway=${Array.from({ length: 8 }, () => '01234567').join('.')}`;
    const refused = await call(withHeaders(gateway, { tracestate }), 'HTTP+JSON', 'SendMessage', {
      agentId: 'a',
    });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: {
        status: 'FAILED_PRECONDITION',
        details: [{ reason: 'CALL_LOOP', domain: 'a2a-gateway', metadata: { rule: 'hops', limit: '8' } }],
      },
    });
    expect(asked('a')).toBe(0);
    expect(await send('a', {})).toBe('a');
  });

  it('that is none is no reason to refuse anything', async () => {
    await join('a', undefined);
    expect(await send('a', { tracestate: `a2a-gateway=${'x'.repeat(4_000)}` })).toBe('a');
  });
});
