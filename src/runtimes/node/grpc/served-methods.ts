import { type GrpcMethod, grpcMethods } from '../../../grpc/methods.ts';
import type { OperationName } from '../../../protocol/operations.ts';
import type { ServedVersion } from '../../../protocol/version.ts';

type Json = Readonly<Record<string, unknown>>;

/** A method as it is served: bytes on one side, ProtoJSON of A2A 1.0 on the other, whatever version it is of. */
export interface ServedMethod {
  path: string;
  operation: OperationName;
  /** Which its caller speaks. */
  version: ServedVersion;
  /** Of the metadata that names the extensions an agent activated. */
  extensionsKey: 'a2a-extensions' | 'x-a2a-extensions';
  /** @throws GatewayError `body_malformed`, `parameter_invalid` */
  readRequest(bytes: Uint8Array): Json;
  /** A result or one event. @throws GatewayError `upstream_response_invalid` */
  writeResult(result: Json): Uint8Array;
}

export const servedMethods: readonly ServedMethod[] = [...grpcMethods('1.0').map(current)];

function current({ path, operation, decodeRequest, encodeResult }: GrpcMethod): ServedMethod {
  return {
    path,
    operation,
    version: '1.0',
    extensionsKey: 'a2a-extensions',
    readRequest: decodeRequest,
    writeResult: encodeResult,
  };
}
