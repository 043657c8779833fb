import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { Metadata, type ServerErrorResponse, status } from '@grpc/grpc-js';
import type { Request, RequestHandler, Response } from 'express';

/**
 * An error that A2A does not know, with data: what agents of other makers answer. The SDK sends none, so that here it
 * is sent without it, in every binding's own words.
 */
export const vendorPrefix = 'gw-vendor-error';

export const vendorError = {
  code: -32_050,
  message: 'The quota of the example is used up.',
  reason: 'QUOTA_EXCEEDED',
  domain: 'conformance.example',
  metadata: { limit: '3' },
} as const;

const { code, message, reason, domain, metadata } = vendorError;
const errorInfo = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain, metadata };
/** In 0.3 the data of an error is what an agent likes. */
const olderData = { reason, limit: 3 };

export function asksForVendorError(message: { messageId: string } | undefined): boolean {
  return message?.messageId.startsWith(vendorPrefix) ?? false;
}

/** Behind the reading of bodies, before the SDK. */
export function answerVendorError(binding: 'jsonrpc' | 'rest'): RequestHandler {
  return (request, response, next) => {
    const asked = binding === 'jsonrpc' ? request.body?.params?.message : request.body?.message;
    if (typeof asked?.messageId !== 'string' || !asksForVendorError(asked)) return next();
    const isOlder = !request.get('a2a-version')?.startsWith('1.');
    if (binding === 'jsonrpc') answerRpc(request, response, isOlder);
    else answerRest(response, isOlder);
  };
}

function answerRpc(request: Request, response: Response, isOlder: boolean): void {
  const error = { code, message, data: isOlder ? olderData : [errorInfo] };
  response.json({ jsonrpc: '2.0', id: request.body.id ?? null, error });
}

function answerRest(response: Response, isOlder: boolean): void {
  const current = { error: { code: 429, status: 'RESOURCE_EXHAUSTED', message, details: [errorInfo] } };
  response.status(429).json(isOlder ? { code, message, data: olderData } : current);
}

/** With `google.rpc.Status` in its trailers (A2A §10.6). */
export function grpcVendorError(): ServerErrorResponse {
  const trailers = new Metadata();
  trailers.set('grpc-status-details-bin', Buffer.from(statusBytes()));
  return Object.assign(new Error(message), {
    code: status.RESOURCE_EXHAUSTED,
    details: message,
    metadata: trailers,
  });
}

/** `google.rpc.Status` with a `google.rpc.ErrorInfo`, by the numbers of their fields. */
function statusBytes(): Uint8Array {
  const info = new BinaryWriter().uint32(10).string(reason).uint32(18).string(domain);
  for (const [key, value] of Object.entries(metadata))
    info.uint32(26).fork().uint32(10).string(key).uint32(18).string(value).join();
  const any = new BinaryWriter().uint32(10).string(errorInfo['@type']).uint32(18).bytes(info.finish());
  return new BinaryWriter()
    .uint32(8)
    .int32(status.RESOURCE_EXHAUSTED)
    .uint32(18)
    .string(message)
    .uint32(26)
    .bytes(any.finish())
    .finish();
}
