/** Events of API Gateway's REST APIs, as far as the functions read them. */

const account = '000000000000';
const stage = { api: 'bench00000', name: 'prod' };

interface Call {
  method: string;
  path: string;
  token: string;
  body?: unknown;
}

function base({ method, path, token }: Call): Record<string, unknown> {
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    'a2a-version': '1.0',
    host: 'gateway.test',
  };
  return {
    resource: '/{proxy+}',
    path,
    httpMethod: method,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    pathParameters: { proxy: path.slice(1) },
    stageVariables: null,
    requestContext: {
      accountId: account,
      apiId: stage.api,
      stage: stage.name,
      requestId: 'c6af9ac6-7b61-11e6-9a41-93e8deadbeef',
      httpMethod: method,
      path: `/${stage.name}${path}`,
      resourcePath: '/{proxy+}',
      protocol: 'HTTP/1.1',
      requestTimeEpoch: Date.now(),
      domainName: 'gateway.test',
      identity: { sourceIp: '192.0.2.1', userAgent: 'bench' },
    },
  };
}

export function proxyEvent(call: Call): Record<string, unknown> {
  return {
    ...base(call),
    body: call.body === undefined ? null : JSON.stringify(call.body),
    isBase64Encoded: false,
  };
}

export function authorizerEvent(call: Call): Record<string, unknown> {
  const methodArn = `arn:aws:execute-api:us-east-1:${account}:${stage.api}/${stage.name}/${call.method}${call.path}`;
  return { ...base(call), type: 'REQUEST', methodArn };
}
