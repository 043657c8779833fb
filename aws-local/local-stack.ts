import { type ApiGatewayOptions, createApiGateway } from './api-gateway/api-gateway.ts';
import { readApi } from './api-gateway/api-template.ts';
import type { Api } from './api-gateway/model.ts';
import type { CloudAssembly } from './cloud-assembly.ts';
import { readFunctions } from './functions.ts';
import type { FunctionDefinition } from './lambda/function.ts';
import { createFunctionPool, type LocalFunction } from './lambda/function-pool.ts';
import { kindOf, localValues, region } from './local-values.ts';
import { createTables } from './tables.ts';
import { resolveTemplate, TemplateError } from './template.ts';

export interface LocalStackOptions {
  assembly: CloudAssembly;
  endpoints: { dynamoDb: string; secretsManager: string };
  /** What runs a function, see `runtimeCommand`. */
  command: readonly string[];
  /** Changes what the template says of a function, for tests: a shorter timeout. */
  adjust?(definition: FunctionDefinition): FunctionDefinition;
  /** A line of a function, of the access log or of the emulator, by where it comes from. */
  print(source: string, line: string): void;
}

export interface LocalStack {
  api: Api;
  functions: readonly LocalFunction[];
  tables: readonly string[];
  /** Kinds of resources in the template that nothing here does anything for, and why. */
  leftOut: readonly string[];
  handle: ReturnType<typeof createApiGateway>;
  /** Kills every process of a function. */
  close(): Promise<void>;
}

/** Runs a synthesised stack: its tables, its functions, its API. @throws TemplateError for what is not emulated */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { assembly, endpoints, command, print, adjust = (definition) => definition } = options;
  const template = resolveTemplate(assembly.template, localValues);
  const leftOut = leftOutOf(template.resources.map(({ type }) => type));
  const api = readApi(template);
  const host = {
    region,
    command,
    print,
    environment: {
      AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamoDb,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsManager,
      // This machine's Node may be older than Lambda's; each process would say so again.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
  };
  const functions = readFunctions(template, assembly).map((definition) =>
    createFunctionPool(adjust(definition), host),
  );
  const gateway: ApiGatewayOptions = {
    api,
    functions: new Map(functions.map((each) => [each.definition.arn, each])),
    accessLog: (line) => print('access', line),
    debug: (line) => print('api-gateway', line),
  };
  return {
    api,
    functions,
    leftOut,
    handle: createApiGateway(gateway),
    tables: await createTables(template, endpoints.dynamoDb),
    async close() {
      await Promise.all(functions.map((each) => each.close()));
    },
  };
}

function leftOutOf(types: readonly string[]): string[] {
  const unknown = [...new Set(types)].filter((type) => kindOf(type) === undefined);
  if (unknown.length > 0) throw new TemplateError(`not emulated: ${unknown.join(', ')}`);
  return [...new Set(types)]
    .sort()
    .flatMap((type) => (kindOf(type)?.isEmulated === false ? [`${type}: ${kindOf(type)?.here}`] : []));
}
