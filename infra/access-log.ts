/** `$context` variables by what a line calls them. */
const variables = {
  // What a caller chooses comes first: should a quote in it end its text early, what follows it is still ours, and of
  // two members of one name readers take the last.
  path: 'path',
  principalId: 'authorizer.principalId',
  clientId: 'authorizer.clientId',
  issuer: 'authorizer.issuer',
  sourceIp: 'identity.sourceIp',
  requestId: 'requestId',
  extendedRequestId: 'extendedRequestId',
  traceId: 'xrayTraceId',
  requestTime: 'requestTime',
  method: 'httpMethod',
  resourcePath: 'resourcePath',
  status: 'status',
  responseType: 'error.responseType',
  responseLength: 'responseLength',
  responseLatencyMs: 'responseLatency',
  integrationStatus: 'integration.status',
  integrationLatencyMs: 'integration.latency',
  timeToFirstContentMs: 'integration.timeToFirstContent',
  authorizerStatus: 'authorizer.status',
  authorizerLatencyMs: 'authorizer.latency',
  authorizerError: 'authorizer.error',
  wafStatus: 'waf.status',
} as const;

/** One JSON line a request: who called what, and how it ended. No query and no header, because they may hold secrets. */
export const accessLogFormat: string = JSON.stringify(
  Object.fromEntries(Object.entries(variables).map(([name, variable]) => [name, `$context.${variable}`])),
);

/** Lines of requests that the authorizer failed to judge. A token it refuses is no failure of its own. */
export const authorizerFailurePattern =
  '{ ($.responseType = "AUTHORIZER_FAILURE") || ($.responseType = "AUTHORIZER_CONFIGURATION_ERROR") }';
