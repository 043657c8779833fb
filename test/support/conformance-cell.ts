import { SendMessageRequest, type Task } from '@a2a-js/sdk';
import type { Client } from '@a2a-js/sdk/client';
import { expect, vi } from 'vitest';
import { startConformanceAgent } from '../../examples/conformance/agent.ts';
import type { Protocol } from '../../examples/conformance/protocols.ts';
import { startConformanceGateway } from '../../examples/conformance/serve.ts';
import { createLog } from '../../src/runtimes/node/log.ts';
import { callerOf, comparable, type Sent } from './conformance.ts';

/** The protocols of the conformance agent, and whether the gateway carries them to an agent that speaks nothing else. */
export const cells: readonly { protocol: Protocol; throughGateway: boolean }[] = [
  { protocol: 'jsonrpc-1.0', throughGateway: true },
  { protocol: 'http-json-1.0', throughGateway: true },
  { protocol: 'grpc-1.0', throughGateway: false },
  { protocol: 'jsonrpc-0.3', throughGateway: true },
  { protocol: 'http-json-0.3', throughGateway: true },
  { protocol: 'grpc-0.3', throughGateway: false },
];

/** The official client and, where it goes through the gateway, a gateway that needs no token. */
export interface Cell {
  /** Has the same done to the agent directly and through the gateway, which must not differ; answers what it came to. */
  both<T>(scenario: (client: Client, url: string) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export const unread = createLog('error', { write: () => {} });

export async function openCell({ protocol, throughGateway }: (typeof cells)[number]): Promise<Cell> {
  quieten();
  const options = { protocols: [protocol], paceMs: 10 };
  if (!throughGateway) {
    const agent = await startConformanceAgent(options);
    const direct = await callerOf(agent.cardUrl, protocol);
    return { both: (scenario) => scenario(direct.client, direct.url), close: agent.close };
  }
  const started = await startConformanceGateway({ agent: options, log: unread });
  const direct = await callerOf(started.agent.cardUrl, protocol);
  const gateway = await callerOf(started.cardUrl, protocol);
  return {
    async both(scenario) {
      const result = await scenario(direct.client, direct.url);
      const carried = await scenario(gateway.client, gateway.url);
      expect(comparable(carried)).toEqual(comparable(result));
      return result;
    },
    close: started.close,
  };
}

/** The SDK prints every error it was asked for, and every webhook it told. */
function quieten(): void {
  for (const method of ['error', 'warn', 'info'] as const)
    vi.spyOn(console, method).mockImplementation(() => {});
}

/** A message with an id of its own; the agent behaves by it. */
export function said(
  messageId: string,
  message: object = {},
  configuration: object = {},
): SendMessageRequest {
  return SendMessageRequest.fromJSON({
    message: { messageId, role: 'ROLE_USER', parts: [{ text: 'hello' }], ...message },
    configuration,
  });
}

export function taskOf(sent: Sent): Task {
  if ('messageId' in sent) throw new Error('a message where a task was expected');
  return sent;
}

export const unknownId = 'c0ffee00-0000-4000-8000-000000000000';
