/** A deployed REST API as far as it is emulated: what the template says, resolved. */
export interface Api {
  apiId: string;
  region: string;
  accountId: string;
  stage: Stage;
  root: Resource;
  gatewayResponses: ReadonlyMap<string, GatewayResponse>;
  /** Content types that travel as base64. */
  binaryMediaTypes: readonly string[];
  /** Whether only the custom domain answers. */
  executeApiDisabled: boolean;
}

export interface Stage {
  name: string;
  variables: Readonly<Record<string, string>>;
  /** With `$context` variables; absent: no access log. */
  accessLogFormat?: string;
  throttles: readonly Throttle[];
}

export interface Throttle {
  /** `*` or a method. */
  httpMethod: string;
  /** `/*` or a resource path. */
  resourcePath: string;
  rateLimit: number;
  burstLimit: number;
}

export interface Resource {
  id: string;
  /** As API Gateway spells it: `/agents/{agentId}/{proxy+}`. */
  path: string;
  /** Last segment of the path; empty for the root. */
  part: string;
  children: Resource[];
  /** By verb, `ANY` among them. */
  methods: Map<string, Method>;
}

export interface Method {
  authorizer?: Authorizer;
  integration: Integration;
}

export interface Authorizer {
  name: string;
  functionArn: string;
  /** `method.request.header.Authorization` and the like. */
  identitySources: readonly string[];
  /** 0: every request is asked about. */
  ttlSeconds: number;
}

/** Always a Lambda proxy integration (`AWS_PROXY`). */
export interface Integration {
  functionArn: string;
  mode: 'BUFFERED' | 'STREAM';
  timeoutMs: number;
}

export interface GatewayResponse {
  statusCode?: number;
  /** By header name; values as in the template: `'static'` or `context.…`. */
  headers: Readonly<Record<string, string>>;
  /** By content type. */
  templates: Readonly<Record<string, string>>;
}
