import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AgentCard, Message, type Part, StreamResponse, Task, taskStateToJSON } from '@a2a-js/sdk';
import {
  type Client,
  ClientFactory,
  JsonRpcTransportFactory,
  RestTransportFactory,
} from '@a2a-js/sdk/client';
import { GrpcTransportFactory } from '@a2a-js/sdk/client/grpc';
import { isLegacyAgentCard, parseLegacyAgentCard } from '@a2a-js/sdk/compat/v0_3/client';
import { bindingOf, type Protocol, versionOf } from '../../examples/conformance/protocols.ts';

/** Callers of the conformance agent, and what of their answers can be compared. */

/** The official client, held to one protocol, and where that is spoken. */
export interface Caller {
  client: Client;
  url: string;
}

/** A client of an agent whose card offers the protocol. It brings no token. */
export async function callerOf(cardUrl: string, protocol: Protocol): Promise<Caller> {
  const version = versionOf(protocol);
  const answer = await fetch(cardUrl, { headers: { 'a2a-version': version } });
  if (!answer.ok) throw new Error(`${cardUrl} answered ${answer.status}: ${await answer.text()}`);
  const published: unknown = await answer.json();
  const card = isLegacyAgentCard(published) ? parseLegacyAgentCard(published) : AgentCard.fromJSON(published);
  // The SDK compares versions as text, so the patch number must go.
  for (const offered of card.supportedInterfaces)
    offered.protocolVersion = offered.protocolVersion.split('.').slice(0, 2).join('.');
  card.supportedInterfaces = card.supportedInterfaces.filter(
    (offered) => offered.protocolBinding === bindingOf(protocol) && offered.protocolVersion === version,
  );
  const legacyCompat = { enabled: true };
  const transports = [
    new JsonRpcTransportFactory({ legacyCompat }),
    new RestTransportFactory({ legacyCompat }),
    new GrpcTransportFactory({ legacyCompat }),
  ];
  const client = await new ClientFactory({ transports }).createFromAgentCard(card);
  return { client, url: card.supportedInterfaces[0]?.url ?? '' };
}

export type Sent = Awaited<ReturnType<Client['sendMessage']>>;

/** An answer to a message, as JSON. */
export function sentToJson(sent: Sent): unknown {
  return 'messageId' in sent ? { message: Message.toJSON(sent) } : { task: Task.toJSON(sent) };
}

/** All events of a stream, as JSON. */
export async function eventsOf(stream: AsyncIterable<StreamResponse>): Promise<unknown[]> {
  const events: unknown[] = [];
  for await (const event of stream) events.push(StreamResponse.toJSON(event));
  return events;
}

/** What a call throws, in the members that tell one error from another. */
export async function errorOf(call: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { name, message } = error;
    return { name, message, reason: Reflect.get(error, 'reason'), metadata: Reflect.get(error, 'metadata') };
  }
  throw new Error('the call succeeded');
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const instant = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** Ids that were made and times aside, which no two calls have in common: ids are numbered as they come. */
export function comparable(value: unknown): unknown {
  const seen = new Map<string, string>();
  const numbered = (id: string) => {
    if (!seen.has(id)) seen.set(id, `id-${seen.size + 1}`);
    return seen.get(id) ?? id;
  };
  return JSON.parse(JSON.stringify(value).replace(uuid, numbered).replace(instant, 'some time'));
}

/** How a task ended and what it brought. */
export function outcomeOf(sent: Sent): Record<string, unknown> {
  if ('messageId' in sent) return { message: sent.parts.map(contentOf) };
  const { status, artifacts } = sent;
  return {
    state: taskStateToJSON(status?.state ?? 0).replace('TASK_STATE_', ''),
    ...(status?.message !== undefined && { says: status.message.parts.map(contentOf) }),
    ...(artifacts.length > 0 && { brings: artifacts.flatMap(({ parts }) => parts.map(contentOf)) }),
  };
}

function contentOf({ content }: Part): unknown {
  return content?.$case === 'raw' ? Buffer.from(content.value).toString() : content?.value;
}

export interface Posted {
  body: unknown;
  token: string | undefined;
  authorization: string | undefined;
  contentType: string | undefined;
}

/** A webhook on loopback that keeps what it is told. */
export interface Webhook {
  url: string;
  /** Waits until so many were posted. */
  posted(count: number): Promise<Posted[]>;
  close(): Promise<void>;
}

export async function startWebhook(): Promise<Webhook> {
  const posts: Posted[] = [];
  let told = () => {};
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { authorization, 'content-type': contentType } = request.headers;
    const token = request.headers['x-a2a-notification-token']?.toString();
    posts.push({ body: JSON.parse(Buffer.concat(chunks).toString()), token, authorization, contentType });
    response.end();
    told();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async posted(count) {
      while (posts.length < count) await new Promise<void>((resolve) => (told = resolve));
      return posts;
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
