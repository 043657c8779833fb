import type { UpstreamResponse } from '../ports.ts';
import type { Operation } from '../protocol/operations.ts';
import type { Binding } from '../protocol/protocols.ts';
import type { ServedVersion } from '../protocol/version.ts';
import { isOwnEventId } from '../replay/event-id.ts';

/**
 * What a caller's request may hand on to the agent. All else stays here: the caller's token and cookies, hop-by-hop
 * headers, forwarding and identity headers a backend might trust.
 */
const handedOn = ['accept-language', 'traceparent', 'tracestate'] as const;

/** The extensions a caller asks for, and those an agent activated (A2A §3.2.6), as each version names the header. */
export const extensionsHeader: Readonly<Record<ServedVersion, string>> = {
  '1.0': 'a2a-extensions',
  '0.3': 'x-a2a-extensions',
};

/** What an agent's answer may hand back. Its `WWW-Authenticate`, cookies and server headers are not the caller's. */
const handedBack = [
  'content-type',
  'a2a-version',
  ...Object.values(extensionsHeader),
  'retry-after',
] as const;

const jsonType = 'application/json';
const a2aJsonType = 'application/a2a+json';

/** The headers of a call to the agent, before its credential. */
export function upstreamHeaders(
  caller: Headers,
  call: {
    binding: Binding;
    operation: Operation;
    /** The agent's. */
    version: ServedVersion;
    /** The caller's, by which its headers are named. Default: the agent's. */
    asked?: ServedVersion;
    requestId: string;
    hasBody: boolean;
  },
): Record<string, string> {
  const headers: Record<string, string> = {
    'a2a-version': call.version,
    ...(call.binding !== 'GRPC' && { accept: acceptFor(call.binding, call.operation) }),
    'user-agent': 'a2a-gateway',
    'x-request-id': call.requestId,
  };
  if (call.hasBody)
    headers['content-type'] = isA2aJson(caller) && call.binding === 'HTTP+JSON' ? a2aJsonType : jsonType;
  const extensions = caller.get(extensionsHeader[call.asked ?? call.version]);
  if (extensions !== null) headers[extensionsHeader[call.version]] = extensions;
  for (const name of handedOn) {
    const value = caller.get(name);
    if (value !== null) headers[name] = value;
  }
  // A message begins a stream: an event it named would be of another, whose nobody can tell.
  const lastEventId = call.operation.reads ? caller.get('last-event-id') : null;
  // One of ours would tell the agent nothing, and is nobody's but the caller's.
  if (lastEventId !== null && !isOwnEventId(lastEventId)) headers['last-event-id'] = lastEventId;
  return headers;
}

function acceptFor(binding: Binding, operation: Operation): string {
  const json = binding === 'JSONRPC' ? jsonType : `${a2aJsonType}, ${jsonType}`;
  return operation.streams ? `text/event-stream, ${json}` : json;
}

function isA2aJson(caller: Headers): boolean {
  return caller.get('content-type')?.toLowerCase().startsWith(a2aJsonType) ?? false;
}

/** The headers of the caller's answer. An A2A answer is for this caller now, so nothing on the way may store it. */
export function callerHeaders(response: UpstreamResponse): Record<string, string> {
  const headers: Record<string, string> = { 'cache-control': 'no-store' };
  for (const name of handedBack) {
    const value = response.header(name);
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}
