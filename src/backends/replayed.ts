import type { UpstreamResponse } from '../ports.ts';

/** A response whose whole body has been read to judge it, as one that has not. */
export function replayed(response: UpstreamResponse, bytes: Uint8Array<ArrayBuffer>): UpstreamResponse {
  return {
    status: response.status,
    header: (name) => response.header(name),
    trailer: (name) => response.trailer(name),
    bytes: async () => bytes,
    async *chunks() {
      yield bytes;
    },
    close() {},
  };
}
