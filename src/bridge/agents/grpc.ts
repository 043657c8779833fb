import { GatewayError } from '../../failure.ts';
import { createFrameReader, type FrameReader, frameOf } from '../../grpc/frames.ts';
import { type GrpcMethod, grpcMethod } from '../../grpc/methods.ts';
import type { UpstreamResponse } from '../../ports.ts';
import { withPlainNumbers } from '../../protocol/exact-json.ts';
import { grpcUrl } from '../../protocol/grpc-target.ts';
import { isRecord } from '../../protocol/json.ts';
import type { Operation } from '../../protocol/operations.ts';
import type { ServedVersion } from '../../protocol/version.ts';
import { unreadable } from '../../proxy/answer.ts';
import type { AgentDialect } from '../agent-dialect.ts';
import type { CoreAnswer } from '../core-call.ts';
import type { Form } from '../form.ts';
import { invalidAnswer } from '../invalid-answer.ts';
import { grpcError } from './grpc-error.ts';

/** Sent with every call. Nothing compressed is asked for, so that limits on size count what is really read. */
const grpcHeaders: Readonly<Record<string, string>> = {
  'content-type': 'application/grpc',
  te: 'trailers',
  'grpc-accept-encoding': 'identity',
};

/** gRPC as a client speaks it (A2A §10, 0.3 §3.2.2). Numbers in metadata and data are doubles on the way. */
export function grpcDialect(version: ServedVersion, form: Form): AgentDialect {
  const methodOf = ({ name }: Operation): GrpcMethod => {
    const method = grpcMethod(name, version);
    if (method !== undefined) return method;
    throw new GatewayError({ code: 'operation_unsupported', capability: name });
  };
  return {
    write({ operation, request }, to) {
      const method = methodOf(operation);
      const tenant = version === '1.0' && to.tenant !== undefined ? { tenant: to.tenant } : {};
      const message = withPlainNumbers({ ...form.fromCoreRequest(operation, request), ...tenant });
      return {
        method: 'POST',
        url: grpcUrl(to, method.path),
        headers: grpcHeaders,
        body: frameOf(method.encodeRequest(isRecord(message) ? message : {})),
        grpc: true,
      };
    },
    // An error is an answer of headers alone, and no stream of nothing.
    isStream: (response) => isGrpc(response) && response.header('grpc-status') === undefined,
    async readAnswer(response, { operation }, { maxAnswerBytes }) {
      checkIsGrpc(response);
      const tooLarge = () =>
        new GatewayError({ code: 'upstream_response_too_large', maxBytes: maxAnswerBytes });
      const frames = createFrameReader({ maxMessageBytes: maxAnswerBytes, tooLarge });
      const messages = frames.push(await response.bytes(maxAnswerBytes + headBytes));
      const error = grpcError(response);
      if (error !== undefined) return { ok: false, error };
      const [message, ...others] = messages;
      if (message === undefined || others.length > 0 || !frames.isBetweenMessages())
        throw invalidAnswer('grpc');
      return { ok: true, result: form.toCoreResult(operation, methodOf(operation).decodeResult(message)) };
    },
    async *readEvents(response, { operation }, { maxEventBytes }) {
      const method = methodOf(operation);
      const tooLarge = () => new GatewayError({ code: 'upstream_event_too_large', maxEventBytes });
      const frames = createFrameReader({ maxMessageBytes: maxEventBytes, tooLarge });
      const toEvent = (message: Uint8Array): CoreAnswer => {
        return { ok: true, result: form.toCoreEvent(method.decodeResult(message)) };
      };
      for await (const chunk of response.chunks())
        for (const message of frames.push(chunk)) yield toEvent(message);
      yield* ending(response, frames);
    },
  };
}

/** The head of the one message an answer has. */
const headBytes = 5;

/** What a stream ends with: nothing, where it ended well. */
function* ending(response: UpstreamResponse, frames: FrameReader): Generator<CoreAnswer> {
  const error = grpcError(response);
  if (error !== undefined) yield { ok: false, error };
  else if (!frames.isBetweenMessages()) throw invalidAnswer('grpc');
}

function isGrpc(response: UpstreamResponse): boolean {
  const type = response.header('content-type')?.toLowerCase() ?? '';
  return /^application\/grpc(?:$|[+;])/.test(type);
}

/** Whether gRPC is spoken at all: what stands before an agent answers as HTTP does. */
function checkIsGrpc(response: UpstreamResponse): void {
  if (isGrpc(response)) return;
  response.close();
  throw unreadable(response, response.status === 200 ? 'media_type' : `status_${response.status}`);
}
