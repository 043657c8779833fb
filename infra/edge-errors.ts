/** Refusals of the edge that the core has no failure for, in its shape (A2A §11.6). */
const facts = {
  REQUEST_THROTTLED: {
    code: 429,
    status: 'RESOURCE_EXHAUSTED',
    message: 'Too many requests; try again later.',
  },
  REQUEST_FILTERED: {
    code: 403,
    status: 'PERMISSION_DENIED',
    message: 'The request was refused at the edge.',
  },
  REQUEST_REFUSED: { code: 400, status: 'INVALID_ARGUMENT', message: 'The request was refused at the edge.' },
  GATEWAY_UNAVAILABLE: { code: 503, status: 'UNAVAILABLE', message: 'The gateway is not available now.' },
} as const;

export function edgeErrorBody(reason: keyof typeof facts): string {
  const info = {
    '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
    reason,
    domain: 'a2a-gateway',
    metadata: {},
  };
  return JSON.stringify({ error: { ...facts[reason], details: [info] } });
}
