import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { createApiGateway } from '../../aws-local/api-gateway/api-gateway.ts';
import { readApi } from '../../aws-local/api-gateway/api-template.ts';
import { type ResponseType, renderGatewayResponse } from '../../aws-local/api-gateway/gateway-response.ts';
import type { Api, Method } from '../../aws-local/api-gateway/model.ts';
import { localValues } from '../../aws-local/local-values.ts';
import { synthesise } from '../../aws-local/synthesise.ts';
import { resolveTemplate } from '../../aws-local/template.ts';
import { functionNames } from '../../infra/function-names.ts';
import type { FailureCode } from '../../src/failure.ts';
import { apiOf, fakeFunction, newFolder, resourcesOf } from '../aws-local/support.ts';
import { endWithFile } from '../support/endings.ts';
import { type Told, toldOverHttp } from './ask.ts';
import { expectTold } from './check.ts';

/** What API Gateway answers in the gateway's name, as the product's own stack has it say so. */

let stack: Api;
let url: string;

beforeAll(async () => {
  const folder = newFolder();
  for (const name of functionNames) {
    mkdirSync(join(folder, 'bundles', name), { recursive: true });
    writeFileSync(join(folder, 'bundles', name, 'index.mjs'), `// ${name}`); // Assets are told apart by what they hold.
  }
  const { template } = synthesise({
    origin: 'http://127.0.0.1:8080',
    folder,
    bundlesPath: join(folder, 'bundles'),
  });
  stack = readApi(resolveTemplate(template, localValues));
  url = await served(narrow(stack));
});

/** An API with the answers of the stack, one path of which takes one request. */
function narrow({ gatewayResponses }: Api): Api {
  const method: Method = { integration: { functionArn: 'any', mode: 'BUFFERED', timeoutMs: 5_000 } };
  const throttles = [{ httpMethod: '*', resourcePath: '/narrow', rateLimit: 0.001, burstLimit: 1 }];
  const root = resourcesOf({
    '/narrow': new Map([['ANY', method]]),
    '/guarded/{proxy+}': new Map([['ANY', { ...method, authorizer }]]),
  });
  return apiOf(root, { stage: { name: 'live', variables: {}, throttles }, gatewayResponses });
}

const authorizer = {
  name: 'A',
  functionArn: 'any',
  identitySources: ['method.request.header.Authorization'],
  ttlSeconds: 0,
};

async function served(api: Api): Promise<string> {
  const functions = new Map([['any', fakeFunction(() => ({ statusCode: 204 }))]]);
  const handle = createApiGateway({ api, functions, accessLog: () => {}, debug: () => {} });
  const server = createServer(
    { maxHeaderSize: 64 * 1024 },
    (request, response) => void handle(request, response),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endWithFile(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // A TCP server that listens has one.
}

/** An answer of a type that the emulator never has cause to give: a firewall and a platform without capacity are AWS's. */
function rendered(type: string, status: number): Told {
  const { gatewayResponses } = stack;
  const refusal = { type: type as ResponseType, status, publicMessage: undefined };
  const answer = renderGatewayResponse(refusal, gatewayResponses, new Map([['requestId', 'r-1']]));
  const headers = new Headers(answer.headers);
  return {
    shape: 'HTTP+JSON',
    status: answer.status,
    header: (name) => headers.get(name) ?? undefined,
    body: JSON.parse(answer.body),
    all: answer.body,
  };
}

interface EdgeAnswer {
  provoke(): Promise<Told> | Told;
  retryAfter?: string;
}

const answers: Readonly<Partial<Record<FailureCode, EdgeAnswer>>> = {
  request_throttled: {
    retryAfter: '1', // The stage fills its bucket again within a second.
    async provoke() {
      await fetch(`${url}/narrow`);
      return toldOverHttp('HTTP+JSON', await fetch(`${url}/narrow`));
    },
  },
  request_refused: {
    async provoke() {
      const headers = { authorization: 'Bearer x' };
      return toldOverHttp('HTTP+JSON', await fetch(`${url}/guarded/${'x'.repeat(5_000)}`, { headers }));
    },
  },
  request_filtered: { provoke: () => rendered('WAF_FILTERED', 403) },
  gateway_unavailable: { provoke: () => rendered('INTEGRATION_FAILURE', 504) },
};

it.each(Object.entries(answers))('%s is told as documented', async (code, { provoke, ...more }) => {
  const answer = await provoke();
  expectTold({ code: code as FailureCode, evidence: {}, ...more }, answer); // The table's keys are codes.
  expect(answer.header('x-request-id')).toMatch(/./);
  expect(answer.header('cache-control')).toBe('no-store');
});
