const traceparent = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-|$)/;

/** The trace a request says it is of (W3C Trace Context §3.2); undefined for what is no `traceparent`. Anybody may say anything. */
export function traceIdOf(header: string | null): string | undefined {
  return header === null ? undefined : traceparent.exec(header)?.[1];
}
