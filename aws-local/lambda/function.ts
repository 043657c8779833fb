/** A Lambda function as its template describes it, with what stands for its code and its services here. */
export interface FunctionDefinition {
  /** For people: `data-plane` and the like. */
  name: string;
  arn: string;
  handler: string;
  /** Folder with the bundle. */
  codeFolder: string;
  /** What stands for its layers. Default: none. */
  layerFolders?: readonly string[];
  timeoutSeconds: number;
  memoryMb: number;
  /** As in the template, resolved. */
  environment: Readonly<Record<string, string>>;
  /** More invocations at once are refused. Default 32. */
  reservedConcurrency?: number;
}

export interface FunctionHost {
  region: string;
  /** Program and arguments of the runtime's process. */
  command: readonly string[];
  /** Variables for every function: where the local services are. */
  environment: Readonly<Record<string, string>>;
  /** Gets what functions print, line by line. */
  print(functionName: string, line: string): void;
}

/**
 * The environment of a function's process: what Lambda sets, what the template sets, and the host's; nothing is
 * inherited from this machine, so that a function cannot come to depend on it.
 */
export function environmentOf(
  { name, handler, codeFolder, layerFolders = [], memoryMb, environment }: FunctionDefinition,
  host: FunctionHost,
  runtimeApi: string,
): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_RUNTIME_API: runtimeApi,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_REGION: host.region,
    AWS_DEFAULT_REGION: host.region,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    // Lambda joins layers below `/opt`, and looks for packages there.
    NODE_PATH: layerFolders.map((folder) => `${folder}/nodejs/node_modules`).join(':'),
    LAMBDA_TASK_ROOT: codeFolder,
    LAMBDA_RUNTIME_DIR: codeFolder,
    _HANDLER: handler,
    ...host.environment,
    ...environment,
  };
}
