import type { ServerResponse } from 'node:http';
import { bindingOf, type Protocol, versionOf } from '../../../examples/conformance/protocols.ts';
import { withMadeUp } from '../../support/golden.ts';
import type { Script, SeenRequest } from '../../support/scripted-agent.ts';
import type { Exchange, RestAsked } from './exchanges.ts';
import { fromWire, type Json, type Spelled, spellingOf, wireText } from './spelling.ts';

/** How each protocol speaks: a caller's request and what it must get, what an agent must see and what it answers. */

/** The id of every call in JSON-RPC. */
export const callId = 'q-1';

export interface Asked {
  method: string;
  /** Below the URL of the agent. */
  target: string;
  headers: Record<string, string>;
  /** As text. */
  body?: string;
}

const isRpc = (protocol: Protocol) => bindingOf(protocol) === 'JSONRPC';

/** A call as a caller sends it. */
export function callerRequest(protocol: Protocol, { method, params, rest }: Exchange): Asked {
  const version = versionOf(protocol);
  // An empty header is none: callers of 0.3 send no version.
  const headers = { 'content-type': 'application/json', 'a2a-version': version === '1.0' ? '1.0' : '' };
  if (isRpc(protocol)) {
    const envelope = {
      jsonrpc: '2.0',
      id: callId,
      method: method[version],
      params: params[spellingOf(protocol)],
    };
    return { method: 'POST', target: '', headers, body: wireText(envelope) };
  }
  const { method: verb, target, body } = rest[version];
  return { method: verb, target, headers, ...(body !== undefined && { body: wireText(body) }) };
}

/** What is to reach an agent of a protocol; of a body, as {@link fromWire} reads it. Undefined where nothing is. */
export function expectedAtAgent(
  protocol: Protocol,
  { method, params, rest, toAgent = { params, rest } }: Exchange,
  isUntouched: boolean,
): { method: string; target: string; version: string; body: unknown } | undefined {
  if (toAgent === 'nothing') return undefined;
  const version = versionOf(protocol);
  if (isRpc(protocol)) {
    const id = isUntouched ? callId : '#1';
    const body = {
      ...{ jsonrpc: '2.0', id, method: method[version] },
      params: toAgent.params[spellingOf(protocol)],
    };
    return { method: 'POST', target: '/rpc', version, body };
  }
  const asked: RestAsked = toAgent.rest[version];
  return { method: asked.method, target: `/rest${asked.target}`, version, body: asked.body };
}

export function seenAtAgent({ method, target, headers, body }: SeenRequest): unknown {
  const version = headers['a2a-version'];
  return { method, target, version, body: body === '' ? undefined : fromWire(withMadeUp(body)) };
}

/** The JSON that holds a result: in JSON-RPC an envelope. */
export function enveloped(protocol: Protocol, id: Json, result: Json): Json {
  return isRpc(protocol) ? { jsonrpc: '2.0', id, result } : result;
}

/** A deletion has no result, which both official SDKs write as null. */
function resultIn(protocol: Protocol, { operation }: Exchange, answer: Spelled): Json {
  if (operation === 'DeleteTaskPushNotificationConfig' && isRpc(protocol)) return null;
  return answer[spellingOf(protocol)];
}

/** What a caller must get: the body, or the data of each event, as {@link fromWire} reads it. */
export function expectedAtCaller(protocol: Protocol, exchange: Exchange): unknown {
  const { answer } = exchange;
  if (isStream(answer))
    return answer.map((event) => enveloped(protocol, callId, event[spellingOf(protocol)]));
  return enveloped(protocol, callId, resultIn(protocol, exchange, answer));
}

export function isStream(answer: Exchange['answer']): answer is readonly Spelled[] {
  return Array.isArray(answer);
}

/** An agent that answers in its protocol. */
export function agentScript(protocol: Protocol, exchange: Exchange): Script {
  return (request, response) => {
    const id = isRpc(protocol) ? ((fromWire(request.body) as { id: Json }).id ?? null) : null; // As every call has it.
    const { answer } = exchange;
    if (isStream(answer)) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const event of answer)
        response.write(`data: ${wireText(enveloped(protocol, id, event[spellingOf(protocol)]))}\n\n`);
      response.end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(wireText(enveloped(protocol, id, resultIn(protocol, exchange, answer))));
  };
}

/** The data of each event of a stream, as {@link fromWire} reads it. @throws Error for what is no such stream */
export function eventsIn(text: string): unknown[] {
  const events = text.split('\n\n');
  if (events.pop() !== '') throw new Error(`not ended by an empty line: ${text.slice(-80)}`);
  return events.map((event) => {
    const [, data] = /^(?:event: error\n)?data: ([^\n]*)$/.exec(event) ?? [];
    if (data === undefined) throw new Error(`not an event of one line of data: ${event}`);
    return fromWire(data);
  });
}

/** The id of the request an agent was asked in; in HTTP+JSON there is none. */
export function idIn({ body }: SeenRequest): Json {
  return body === '' ? null : ((fromWire(body) as { id?: Json }).id ?? null);
}

/** An event as an agent writes it. */
export function eventText(agent: Protocol, id: Json, event: Spelled): string {
  return `data: ${wireText(enveloped(agent, id, event[spellingOf(agent)]))}\n\n`;
}

/** An agent that streams these events and ends. */
export function streams(agent: Protocol, ...events: Spelled[]): Script {
  return (request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events) response.write(eventText(agent, idIn(request), event));
    response.end();
  };
}

/** Begins a stream; what is said then is sent at once. */
export function sayer(agent: Protocol, response: ServerResponse, id: Json): (...all: Spelled[]) => void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  return (...all) => {
    for (const event of all) response.write(eventText(agent, id, event));
  };
}
