import { Message, SendMessageRequest, type SendMessageResult, StreamResponse, Task } from '@a2a-js/sdk';
import type { OperationName } from '../../src/protocol/operations.ts';
import type { Variant } from './agents.ts';
import type { Observed } from './observed.ts';
import type { SdkClient } from './sdk-client.ts';
import type { MatrixOwnership } from './stand.ts';

/** Something a client does, and what it saw of it. */
export interface Scenario {
  title: string;
  operation: OperationName;
  /** Default `full`. */
  agent?: Variant;
  /** Who keeps the callers of the agent apart. Default: it does so itself. */
  ownership?: MatrixOwnership;
  /** What tells the same of an agent of 0.3 that is called directly, where 0.3 has no such operation. */
  legacy?(client: SdkClient): Promise<Observed>;
  run(client: SdkClient): Promise<Observed>;
}

export interface Said {
  /** What the agent does, by what its messages' ids begin with. Its own id is made unique. */
  prefix: string;
  parts?: readonly unknown[];
  taskId?: string;
  contextId?: string;
  metadata?: unknown;
  configuration?: Readonly<Record<string, unknown>>;
}

export function said({
  prefix,
  parts = [{ text: 'hello' }],
  configuration,
  ...ids
}: Said): SendMessageRequest {
  const messageId = `${prefix}-${crypto.randomUUID()}`;
  return SendMessageRequest.fromJSON({
    message: { messageId, role: 'ROLE_USER', parts, ...ids },
    configuration: configuration ?? {},
  });
}

export function send({ transport, options }: SdkClient, what: Said): Promise<SendMessageResult> {
  return transport.sendMessage(said(what), options);
}

export async function sendForTask(client: SdkClient, what: Said): Promise<Task> {
  const result = await send(client, what);
  if ('messageId' in result) throw new Error('the agent answered with a message where a task was expected');
  return result;
}

export function stream({ transport, options }: SdkClient, what: Said): AsyncGenerator<StreamResponse> {
  return transport.sendMessageStream(said(what), options);
}

/** A task that works until it is canceled. */
export function longTask(client: SdkClient): Promise<Task> {
  return sendForTask(client, { prefix: 'gw-long-task', configuration: { returnImmediately: true } });
}

export async function eventsOf(events: AsyncIterable<StreamResponse>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const event of events) all.push(StreamResponse.toJSON(event));
  return all;
}

export function resultJson(result: SendMessageResult): unknown {
  return 'messageId' in result ? { message: Message.toJSON(result) } : { task: Task.toJSON(result) };
}
