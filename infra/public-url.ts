import {
  aws_certificatemanager as acm,
  aws_apigateway as apigateway,
  aws_route53 as route53,
  aws_route53_targets as targets,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { addressInRegion } from './names.ts';
import type { A2AGatewayProps } from './props.ts';

/**
 * Where callers reach the gateway. The API's own address is put together from its id: `api.url` also names the
 * deployment, which comes after the functions that are told the address.
 */
export function publicUrlOf(
  { publicUrl, domainName, basePath, stageName = 'v1' }: A2AGatewayProps,
  api: apigateway.RestApi,
): string {
  if (publicUrl !== undefined) return publicUrl;
  if (domainName !== undefined) return `https://${domainName}${basePath === undefined ? '' : `/${basePath}`}`;
  return `https://${api.restApiId}.${addressInRegion('execute-api')}/${stageName}`;
}

/** The custom domain, and its name in DNS where there is a zone for it. */
export function createDomain(
  scope: Construct,
  { domainName, certificateArn, basePath, hostedZone }: A2AGatewayProps,
  api: apigateway.RestApi,
): apigateway.DomainName | undefined {
  if (domainName === undefined || certificateArn === undefined) return undefined;
  const domain = new apigateway.DomainName(scope, 'Domain', {
    domainName,
    certificate: acm.Certificate.fromCertificateArn(scope, 'Certificate', certificateArn),
    endpointType: apigateway.EndpointType.REGIONAL,
    securityPolicy: apigateway.SecurityPolicy.TLS_1_2,
  });
  domain.addBasePathMapping(api, {
    stage: api.deploymentStage,
    ...(basePath !== undefined && { basePath }),
  });
  if (hostedZone !== undefined)
    new route53.ARecord(scope, 'DomainRecord', {
      zone: hostedZone,
      recordName: `${domainName}.`,
      target: route53.RecordTarget.fromAlias(new targets.ApiGatewayDomain(domain)),
    });
  return domain;
}
