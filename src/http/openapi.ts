import * as z from 'zod';
import type { GatewayConfig } from '../config.ts';
import { failureCodes } from '../failure.ts';
import type { Route } from './route.ts';
import { servedPath } from './router.ts';

const errorSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'status', 'message', 'details'],
      properties: {
        code: { type: 'integer' },
        status: { type: 'string' },
        message: { type: 'string' },
        details: { type: 'array', items: { type: 'object' } },
      },
    },
  },
} as const;

/** OpenAPI 3.1 of our own routes, made of the route table. The A2A bindings have their own specification. */
export function openApiDocument(
  routes: readonly Route[],
  config: Pick<GatewayConfig, 'publicUrl' | 'agentsPath' | 'issuers'>,
  version: string,
): Record<string, unknown> {
  const { publicUrl, agentsPath, issuers } = config;
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    if (route.method === 'ALL' || route.path.endsWith('/')) continue;
    const path = servedPath(route.path, agentsPath);
    const operations = paths[path] ?? {};
    paths[path] = operations;
    operations[route.method.toLowerCase()] = operationOf(route, issuers.length);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'A2A gateway', version, description: `Error reasons: ${failureCodes.join(', ')}` },
    servers: [{ url: publicUrl }],
    paths,
    components: {
      securitySchemes: { ...Object.fromEntries(issuers.map(securityScheme)), webhookSecret },
      schemas: { Error: errorSchema },
    },
  };
}

/** What an agent was given with the webhook it posts to. */
const webhookSecret = { type: 'http', scheme: 'bearer' } as const;

function securityScheme({ issuer }: { issuer: string }, index: number): [string, unknown] {
  const openIdConnectUrl = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  return [schemeName(index), { type: 'openIdConnect', openIdConnectUrl }];
}

function schemeName(index: number): string {
  return index === 0 ? 'gateway' : `gateway${index + 1}`;
}

function operationOf(route: Route, issuers: number): Record<string, unknown> {
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const inPath = names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  const inQuery = Object.entries(route.query ?? {}).map(([name, description]) => ({
    name,
    in: 'query',
    description,
    schema: { type: 'string' },
  }));
  return {
    summary: route.summary,
    ...(inPath.length + inQuery.length > 0 && { parameters: [...inPath, ...inQuery] }),
    ...('body' in route && route.body !== undefined && { requestBody: requestBody(route.body) }),
    responses: responsesOf(route),
    security: securityOf(route, issuers),
  };
}

function securityOf({ access, proof }: Route, issuers: number): Record<string, readonly string[]>[] {
  if (access === 'anyone') return [];
  if (proof !== undefined) return [{ [proof]: [] }];
  return Array.from({ length: issuers }, (_, index) => ({ [schemeName(index)]: [] }));
}

function requestBody(schema: z.ZodType): Record<string, unknown> {
  return {
    required: true,
    content: { 'application/json': { schema: z.toJSONSchema(schema, { io: 'input' }) } },
  };
}

function responsesOf(route: Route): Record<string, unknown> {
  const error = {
    description: 'Refused',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  };
  const answers = route.answers.map((status) => [String(status), { description: 'Done' }]);
  return { ...Object.fromEntries(answers), default: error };
}
