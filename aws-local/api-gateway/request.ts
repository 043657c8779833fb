import type { IncomingMessage } from 'node:http';
import type { Api } from './model.ts';

/** Quotas of API Gateway for REST APIs. */
export const maxHeadBytes = 10_240;
export const maxPayloadBytes = 10 * 1024 * 1024;

/** A request at the edge, before anything is decided about it. */
export interface EdgeRequest {
  method: string;
  /** As received, stage left out; never decoded or normalised. */
  path: string;
  /** The same as `$context.path` has it: with the stage where the URL had it. */
  contextPath: string;
  query: string;
  /** As received, in order and spelling. */
  headers: readonly (readonly [string, string])[];
  domainName: string;
  sourceIp: string;
}

/** A refusal before any of the API's own responses apply. */
export interface EdgeRefusal {
  status: number;
  message: string;
}

/**
 * Tells where a request goes. Under the API's execute-api host the first part of the path is the stage; under any other
 * it is reached as a custom domain with an empty base path, so that the whole path is the API's.
 */
export function readEdgeRequest(request: IncomingMessage, api: Api): EdgeRequest | EdgeRefusal {
  const target = request.url ?? '';
  const headers: [string, string][] = [];
  for (let at = 0; at < request.rawHeaders.length; at += 2)
    headers.push([request.rawHeaders[at] ?? '', request.rawHeaders[at + 1] ?? '']);
  const headBytes = headers.reduce((sum, [, value]) => sum + value.length, target.length);
  // The documentation names the limit and not the answer.
  if (headBytes > maxHeadBytes) return { status: 431, message: 'Request Header Fields Too Large' };
  if (!target.startsWith('/')) return { status: 400, message: 'Bad Request' };

  const mark = target.indexOf('?');
  const contextPath = mark === -1 ? target : target.slice(0, mark);
  const host = (request.headers.host ?? '').toLowerCase();
  const base = {
    method: request.method ?? '',
    contextPath,
    query: mark === -1 ? '' : target.slice(mark + 1),
    headers,
    domainName: host.replace(/:\d+$/, ''),
    sourceIp: request.socket.remoteAddress ?? '',
  };
  if (!host.startsWith(`${api.apiId.toLowerCase()}.execute-api.`)) return { ...base, path: contextPath };
  const stage = `/${api.stage.name}`;
  if (api.executeApiDisabled || !`${contextPath}/`.startsWith(`${stage}/`))
    return { status: 403, message: 'Forbidden' };
  return { ...base, path: contextPath.slice(stage.length) || '/' };
}

/** The body; undefined where it is larger than API Gateway takes. */
export async function readPayload(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > maxPayloadBytes) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length; // Without an encoding, buffers.
    if (bytes > maxPayloadBytes) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
