import { type aws_apigateway as apigateway, Validations, aws_wafv2 as wafv2 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { restErrorBody } from '../src/protocol/errors.ts';
import type { A2AGatewayProps } from './props.ts';

/**
 * Rules of the common set that only count.
 *
 * Bodies are what people and agents say to each other, up to 10 MB of it: markup, code, paths and addresses are what they
 * talk about, and WAF, which sees the first 16 KB, would refuse a message for its size or its topic. The core reads bodies
 * strictly and no agent's address comes from one unjudged. Machine clients need not name themselves either.
 */
const countedRules = [
  'SizeRestrictions_BODY',
  'CrossSiteScripting_BODY',
  'GenericLFI_BODY',
  'GenericRFI_BODY',
  'EC2MetaDataSSRF_BODY',
  'NoUserAgent_HEADER',
];

const defaultRateLimit = 30_000;

/** By which CloudWatch tells the metrics of one web ACL from another's. */
export function webAclMetricName(environment: string): string {
  return `a2a-gateway-${environment}`;
}

/** AWS WAF before the stage: the managed rules, and a limit for each address. Undefined where it is switched off. */
export function createWaf(
  scope: Construct,
  { waf, wafRateLimit = defaultRateLimit, endpointType }: A2AGatewayProps,
  stage: apigateway.Stage,
  environment: string,
): wafv2.CfnWebACL | undefined {
  if (!(waf ?? endpointType !== 'PRIVATE')) {
    const reason =
      'Switched off: WAF is for callers of the internet, and a private API is reached from its VPC alone.';
    Validations.of(stage).acknowledge({ id: 'AwsSolutions-APIG3', reason });
    return undefined;
  }
  const acl = new wafv2.CfnWebACL(scope, 'WebAcl', {
    scope: 'REGIONAL',
    defaultAction: { allow: {} },
    visibilityConfig: visibility(webAclMetricName(environment)),
    customResponseBodies: {
      throttled: { contentType: 'APPLICATION_JSON', content: restErrorBody({ code: 'request_throttled' }) },
    },
    rules: [
      rateRule(wafRateLimit),
      managedRule(1, 'AWSManagedRulesCommonRuleSet', countedRules),
      managedRule(2, 'AWSManagedRulesKnownBadInputsRuleSet', []),
    ],
  });
  new wafv2.CfnWebACLAssociation(scope, 'WebAclAssociation', {
    resourceArn: stage.stageArn,
    webAclArn: acl.attrArn,
  });
  return acl;
}

function rateRule(limit: number): wafv2.CfnWebACL.RuleProperty {
  const retryAfter = { name: 'retry-after', value: '60' };
  return {
    name: 'RateLimit',
    priority: 0,
    statement: { rateBasedStatement: { aggregateKeyType: 'IP', evaluationWindowSec: 300, limit } },
    action: {
      block: {
        customResponse: {
          responseCode: 429,
          customResponseBodyKey: 'throttled',
          responseHeaders: [retryAfter],
        },
      },
    },
    visibilityConfig: visibility('RateLimit'),
  };
}

function managedRule(
  priority: number,
  name: string,
  counted: readonly string[],
): wafv2.CfnWebACL.RuleProperty {
  return {
    name,
    priority,
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name,
        ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
      },
    },
    overrideAction: { none: {} },
    visibilityConfig: visibility(name),
  };
}

/** Without samples: those hold headers, and so tokens. */
function visibility(metricName: string): wafv2.CfnWebACL.VisibilityConfigProperty {
  return { cloudWatchMetricsEnabled: true, metricName, sampledRequestsEnabled: false };
}
