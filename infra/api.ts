import {
  Aws,
  aws_apigateway as apigateway,
  Duration,
  aws_iam as iam,
  type aws_lambda as lambda,
  type aws_logs as logs,
  Validations,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { accessLogFormat } from './access-log.ts';
import type { Functions } from './functions.ts';
import type { Network } from './network.ts';
import type { A2AGatewayProps } from './props.ts';
import { type ApiMethod, apiMethods } from './routes.ts';

/** The REST API without its methods: those name functions, whose settings name the API. */
export function createApi(
  scope: Construct,
  props: A2AGatewayProps,
  environment: string,
  accessLogs: logs.ILogGroup,
  network: Network | undefined,
): apigateway.RestApi {
  const api = new apigateway.RestApi(scope, 'Api', {
    restApiName: `a2a-gateway-${environment}`,
    description: 'A2A gateway',
    endpointConfiguration: endpointOf(network),
    ...(network !== undefined && { policy: onlyThrough(network) }),
    disableExecuteApiEndpoint: props.domainName !== undefined,
    cloudWatchRole: false,
    deployOptions: stageOptions(props, accessLogs),
  });
  // Names the API's own host, whatever the public URL is.
  api.node.tryRemoveChild('Endpoint');
  acknowledge(api);
  return api;
}

function acknowledge(api: apigateway.RestApi): void {
  const inCore =
    'The core reads bodies itself, strictly and bounded, and says what is wrong in the shape of the protocol.';
  const byLambda = 'Tokens of any issuer are verified by a Lambda authorizer, and again by the core.';
  const inHeaders =
    'Execution logs hold headers, and so tokens; access logs, metrics and traces say the rest.';
  Validations.of(api).acknowledge(
    { id: 'AwsSolutions-APIG2', reason: inCore },
    { id: 'AwsSolutions-COG4', reason: byLambda },
  );
  Validations.of(api.deploymentStage).acknowledge({ id: 'AwsSolutions-APIG6', reason: inHeaders });
}

function endpointOf(network: Network | undefined): apigateway.EndpointConfiguration {
  if (network === undefined) return { types: [apigateway.EndpointType.REGIONAL] };
  return { types: [apigateway.EndpointType.PRIVATE], vpcEndpoints: [network.executeApiEndpoint] };
}

function onlyThrough({ executeApiEndpoint }: Network): iam.PolicyDocument {
  const common = {
    principals: [new iam.AnyPrincipal()],
    actions: ['execute-api:Invoke'],
    resources: ['execute-api:/*'],
  };
  const elsewhere = { StringNotEquals: { 'aws:SourceVpce': executeApiEndpoint.vpcEndpointId } };
  return new iam.PolicyDocument({
    statements: [
      new iam.PolicyStatement(common),
      new iam.PolicyStatement({ ...common, effect: iam.Effect.DENY, conditions: elsewhere }),
    ],
  });
}

function stageOptions(props: A2AGatewayProps, accessLogs: logs.ILogGroup): apigateway.StageOptions {
  return {
    stageName: props.stageName ?? 'v1',
    tracingEnabled: true,
    throttlingRateLimit: props.throttlingRateLimit ?? 500,
    throttlingBurstLimit: props.throttlingBurstLimit ?? 1000,
    loggingLevel: props.executionLogging ?? apigateway.MethodLoggingLevel.OFF,
    dataTraceEnabled: false,
    accessLogDestination: new apigateway.LogGroupLogDestination(accessLogs),
    accessLogFormat: apigateway.AccessLogFormat.custom(accessLogFormat),
  };
}

/** The methods of the core's route table, and who answers them. */
export function addMethods(
  api: apigateway.RestApi,
  props: A2AGatewayProps,
  functions: Functions,
  agentsPath: string,
): void {
  const resultsCacheTtl = props.authorizerResultsCacheTtl ?? Duration.seconds(60);
  const authorizer = new apigateway.RequestAuthorizer(api, 'TokenAuthorizer', {
    handler: functions.authorizer,
    identitySources: [apigateway.IdentitySource.header('Authorization')],
    resultsCacheTtl,
  });
  // The CDK sees a changed authorizer only with a flag of the app.
  api.latestDeployment?.addToLogicalId({ resultsCacheTtlSeconds: resultsCacheTtl.toSeconds() });
  const integrations = {
    'data-plane': integrationOf(api, functions['data-plane'], apigateway.ResponseTransferMode.STREAM),
    management: integrationOf(api, functions.management, apigateway.ResponseTransferMode.BUFFERED),
  };
  const methods = apiMethods(agentsPath);
  for (const method of methods) addMethod(api, method, integrations[method.function], authorizer);
  if (props.corsAllowOrigins !== undefined && props.corsAllowOrigins.length > 0)
    for (const path of new Set(methods.map((method) => method.path)))
      addMethod(api, { verb: 'OPTIONS', path, isAuthorized: false }, integrations.management, authorizer);
}

function addMethod(
  api: apigateway.RestApi,
  { verb, path, isAuthorized }: Omit<ApiMethod, 'function'>,
  integration: apigateway.Integration,
  authorizer: apigateway.IAuthorizer,
): void {
  const resource = api.root.resourceForPath(path);
  if (isAuthorized) {
    resource.addMethod(verb, integration, {
      authorizationType: apigateway.AuthorizationType.CUSTOM,
      authorizer,
    });
    return;
  }
  const method = resource.addMethod(verb, integration, {
    authorizationType: apigateway.AuthorizationType.NONE,
  });
  const reason =
    verb === 'OPTIONS'
      ? 'Browsers send preflights without a token; the core answers them and nothing else.'
      : 'For anyone, or for the core to decide: a card may be public, and an agent that posts has a secret of its own.';
  Validations.of(method).acknowledge({ id: 'AwsSolutions-APIG4', reason });
}

/**
 * A function as an integration, by one permission for the whole stage: `LambdaIntegration` makes one for each method, and
 * a function's policy has room for about fifty.
 */
function integrationOf(
  api: apigateway.RestApi,
  handler: lambda.Function,
  mode: apigateway.ResponseTransferMode,
): apigateway.Integration {
  handler.addPermission('Api', {
    principal: new iam.ServicePrincipal('apigateway.amazonaws.com'),
    sourceArn: api.arnForExecuteApi('*', '/*', api.deploymentStage.stageName),
    sourceAccount: Aws.ACCOUNT_ID,
  });
  const isStream = mode === apigateway.ResponseTransferMode.STREAM;
  return new apigateway.AwsIntegration({
    service: 'lambda',
    proxy: true,
    path: isStream
      ? `2021-11-15/functions/${handler.functionArn}/response-streaming-invocations`
      : `2015-03-31/functions/${handler.functionArn}/invocations`,
    options: {
      responseTransferMode: mode,
      timeout: isStream ? Duration.minutes(15) : Duration.seconds(29),
    },
  });
}
