import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { A2AGateway } from './a2a-gateway.ts';
import type { A2AGatewayProps } from './props.ts';

/** A stack of one gateway, whose outputs say how to reach it. */
export class A2AGatewayStack extends Stack {
  readonly gateway: A2AGateway;

  constructor(scope: Construct, id: string, props: StackProps & { readonly gateway?: A2AGatewayProps } = {}) {
    const { gateway, ...stackProps } = props;
    super(scope, id, { description: 'A2A gateway', ...stackProps });
    this.gateway = new A2AGateway(this, 'Gateway', gateway);
    for (const [name, value] of Object.entries(outputsOf(this.gateway))) new CfnOutput(this, name, { value });
  }
}

/** No secrets: of a client's, only the id. */
function outputsOf({
  publicUrl,
  issuers,
  identity,
  api,
  domain,
  table,
  search,
  dashboard,
  network,
}: A2AGateway): Record<string, string> {
  const { region } = api.stack;
  const dashboards = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard`;
  const clients = Object.entries(identity?.clients ?? {}).map(([name, { userPoolClientId }]) => [
    name,
    userPoolClientId,
  ]);
  return {
    Url: publicUrl,
    Issuer: issuers.map(({ issuer }) => issuer).join(' '),
    ...(identity !== undefined && {
      TokenEndpoint: identity.tokenEndpoint,
      UserPoolId: identity.userPool.userPoolId,
      ClientIds: api.stack.toJsonString(Object.fromEntries(clients)),
    }),
    ApiId: api.restApiId,
    ...(domain !== undefined && { DomainTarget: domain.domainNameAliasDomainName }),
    ...(network !== undefined && { VpcEndpointId: network.executeApiEndpoint.vpcEndpointId }),
    TableName: table.tableName,
    ...(search !== undefined && { VectorBucketName: search.vectorBucketName }),
    DashboardUrl: `${dashboards}/${dashboard.dashboardName}`,
  };
}
