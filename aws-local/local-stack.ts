import { type ApiGatewayOptions, createApiGateway } from './api-gateway/api-gateway.ts';
import { readApi } from './api-gateway/api-template.ts';
import type { Api } from './api-gateway/model.ts';
import type { CloudAssembly } from './cloud-assembly.ts';
import { createCustomResources } from './custom-resources.ts';
import { startMappings } from './events/mappings.ts';
import { startSchedules } from './events/schedules.ts';
import { readFunctions } from './functions.ts';
import type { FunctionDefinition } from './lambda/function.ts';
import { createFunctionPool, type LocalFunction } from './lambda/function-pool.ts';
import { kindOf, localValuesAt, region } from './local-values.ts';
import { createQueues } from './queues.ts';
import { createTables } from './tables.ts';
import { type ResolvedTemplate, resolveTemplate, TemplateError } from './template.ts';
import { createVectors } from './vectors.ts';

/** Where the services are that functions call. */
export interface ServiceEndpoints {
  dynamoDb: string;
  secretsManager: string;
  sqs: string;
  s3Vectors: string;
  bedrock: string;
  kms: string;
}

export interface LocalStackOptions {
  assembly: CloudAssembly;
  endpoints: ServiceEndpoints;
  /** What runs a function, see `runtimeCommand`. */
  command: readonly string[];
  /** Changes what the template says of a function, for tests: a shorter timeout. */
  adjust?(definition: FunctionDefinition, endpoints: LocalStackOptions['endpoints']): FunctionDefinition;
  /** A line of a function, of the access log or of the emulator, by where it comes from. */
  print(source: string, line: string): void;
}

export interface LocalStack {
  api: Api;
  functions: readonly LocalFunction[];
  tables: readonly string[];
  queues: readonly string[];
  vectorIndexes: readonly string[];
  /** Kinds of resources in the template that nothing here does anything for, and why. */
  leftOut: readonly string[];
  handle: ReturnType<typeof createApiGateway>;
  /** Kills every process of a function. */
  close(): Promise<void>;
}

/**
 * Runs a synthesised stack: its tables, queues and vectors, its functions and what invokes them, its API; then makes its
 * custom resources.
 *
 * @throws TemplateError for what is not emulated, and whatever keeps a resource from being made
 */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { assembly, endpoints, print } = options;
  const template = resolveTemplate(assembly.template, localValuesAt(endpoints.sqs));
  const leftOut = leftOutOf(template.resources.map(({ type }) => type));
  const api = readApi(template);
  const functions = createFunctions(template, options);
  const byArn = new Map(functions.map((each) => [each.definition.arn, each]));
  const gateway: ApiGatewayOptions = {
    api,
    functions: byArn,
    accessLog: (line) => print('access', line),
    debug: (line) => print('api-gateway', line),
  };
  const made = {
    tables: await createTables(template, endpoints.dynamoDb),
    queues: await createQueues(template, endpoints.sqs),
    vectorIndexes: await createVectors(template, endpoints.s3Vectors),
  };
  const events = { endpoints, functions: byArn, print: (line: string) => print('events', line) };
  const mappings = startMappings(template, events);
  const stopSchedules = startSchedules(template, events);
  const close = async () => {
    stopSchedules();
    // Functions first: an invocation that is under way is what a mapping would wait for.
    const ended = mappings.close();
    await Promise.all(functions.map((each) => each.close()));
    await ended;
  };
  try {
    await createCustomResources(template, byArn);
  } catch (error) {
    await close();
    throw error;
  }
  return { api, functions, leftOut, ...made, handle: createApiGateway(gateway), close };
}

function createFunctions(template: ResolvedTemplate, options: LocalStackOptions): LocalFunction[] {
  const { assembly, endpoints, command, print, adjust = (definition) => definition } = options;
  const host = {
    region,
    command,
    print,
    environment: {
      AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamoDb,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsManager,
      AWS_ENDPOINT_URL_SQS: endpoints.sqs,
      AWS_ENDPOINT_URL_S3VECTORS: endpoints.s3Vectors,
      AWS_ENDPOINT_URL_BEDROCK_RUNTIME: endpoints.bedrock,
      AWS_ENDPOINT_URL_KMS: endpoints.kms,
      // This machine's Node may be older than Lambda's; each process would say so again.
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
  };
  return readFunctions(template, assembly).map((definition) =>
    createFunctionPool(adjust(definition, endpoints), host),
  );
}

function leftOutOf(types: readonly string[]): string[] {
  const unknown = [...new Set(types)].filter((type) => kindOf(type) === undefined);
  if (unknown.length > 0) throw new TemplateError(`not emulated: ${unknown.join(', ')}`);
  return [...new Set(types)]
    .sort()
    .flatMap((type) => (kindOf(type)?.isEmulated === false ? [`${type}: ${kindOf(type)?.here}`] : []));
}
