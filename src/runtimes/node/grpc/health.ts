import { type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import type { Gateway } from '../../../gateway.ts';
import { decodeMessage } from '../../../grpc/decode.ts';
import { encodeMessage } from '../../../grpc/encode.ts';
import { enumOf, messageOf, one, ProtoError } from '../../../grpc/schema.ts';
import { servedMethods } from './served-methods.ts';

/** `grpc.health.v1`, which load balancers and Kubernetes ask. */

export const healthPath = '/grpc.health.v1.Health/Check';

const request = messageOf({ service: one(1) });
const response = messageOf({ status: one(1, enumOf('UNKNOWN', 'SERVING', 'NOT_SERVING')) });

/** The gateway as a whole, and each service of it. */
const services: ReadonlySet<unknown> = new Set(['', ...servedMethods.map(({ path }) => path.split('/')[1])]);

/** Answers anyone what `GET /ready` does, and NOT_FOUND for a service that is not here. */
export function healthHandler(
  gateway: Gateway,
  publicUrl: string,
): (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => void {
  return (call, answer) => {
    if (!services.has(serviceIn(call.request))) {
      answer({ code: status.NOT_FOUND, details: 'No such service.' });
      return;
    }
    void gateway(new Request(new URL('/ready', publicUrl))).then(({ ok }) =>
      answer(null, Buffer.from(encodeMessage(response, { status: ok ? 'SERVING' : 'NOT_SERVING' }))),
    );
  };
}

/** What cannot be read names no service. */
function serviceIn(bytes: Buffer): unknown {
  try {
    return decodeMessage(request, bytes).service ?? '';
  } catch (error) {
    if (error instanceof ProtoError) return undefined;
    throw error;
  }
}
