/**
 * List prices of AWS in us-east-1, in US dollars, without free tiers, discounts or taxes. First tiers only: what is
 * calculated here stays within them.
 */

export interface Price {
  usd: number;
  /** What one of it is. */
  unit: string;
  /** AWS's own page, where it is to be looked up again. */
  source: string;
  /** Where the figure was read, when not there: AWS's pages fill their tables in by script. */
  readAt?: string;
  /** Read in a stored copy of such a page. False: from memory, to be looked up before anyone relies on it. */
  confirmed: boolean;
}

/** When the stored pages were searched; the copies themselves are from between March and September 2026. */
export const lookedUpOn = '2026-11-23';

const million = 1_000_000;
const page = (name: string) => `https://aws.amazon.com/${name}/pricing/`;
const transcript = (name: string) =>
  `https://github.com/api-evangelist/${name} (read from AWS's page, 2026-09)`;

const apiGateway = {
  source: page('api-gateway'),
  readAt: transcript('amazon-web-services'),
  confirmed: true,
};
const lambda = {
  source: page('lambda'),
  readAt: 'https://cloudchipr.com/blog/aws-lambda-pricing',
  confirmed: true,
};
const dynamoDb = {
  source: page('dynamodb'),
  readAt: 'https://airbyte.com/data-engineering-resources/dynamodb-pricing',
  confirmed: true,
};
const secretsManager = {
  source: page('secrets-manager'),
  readAt: transcript('amazon-secrets-manager'),
  confirmed: true,
};
const kms = {
  source: page('kms'),
  readAt: 'https://www.wring.co/blog/aws-kms-pricing-guide',
  confirmed: true,
};
const cloudWatch = {
  source: page('cloudwatch'),
  readAt: 'https://www.factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards/',
  confirmed: true,
};
const infracost = 'https://github.com/vreutova/infracost-idem-support/pull/2';
const waf = { source: page('waf'), readAt: 'https://c3x.dev/blog/aws-waf-cost-explained/', confirmed: true };
const cognito = {
  source: page('cognito'),
  readAt: 'https://cur.vantage-api.com/aws/amazoncognito/user-pools-m2m/cupm2mtokenrequestsfull',
  confirmed: true,
};
const network = {
  source: page('vpc'),
  readAt: 'https://www.zacfukuda.com/blog/aws-nat-gateway-vs-vpc-endpoint (2026-06)',
  confirmed: true,
};
const fargate = {
  source: page('fargate'),
  readAt: 'https://www.vantage.sh/blog/fargate-pricing',
  confirmed: true,
};
const loadBalancer = {
  source: page('elasticloadbalancing'),
  readAt: transcript('amazon-elastic-load-balancing'),
  confirmed: true,
};

const s3Vectors = {
  source: page('s3'),
  readAt:
    'https://github.com/forattini-dev/s3db.js (a copy of the page: docs/attachments/aws-s3-costs-3-vectors.md)',
  confirmed: true,
};
const sqs = {
  source: page('sqs'),
  readAt: 'https://www.factualminds.com/blog/amazon-sqs-pricing-64kb-rule-fifo-vs-standard/',
  confirmed: true,
};
const bedrock = {
  source: page('bedrock'),
  readAt: 'https://github.com/sungminna/GapS (a copy of the page: crawl/legacy/aws_pricing_data_titan.md)',
  confirmed: true,
};

export const prices = {
  /** A streamed response counts once for every 10 MB begun. */
  apiGatewayRequest: { usd: 3.5 / million, unit: 'API Gateway request', ...apiGateway },
  dataTransferOut: { usd: 0.09, unit: 'GB sent to the internet', ...apiGateway },
  lambdaRequest: { usd: 0.2 / million, unit: 'Lambda invocation', ...lambda },
  lambdaGbSecond: { usd: 0.000_013_333_4, unit: 'Lambda GB-second, arm64', ...lambda },
  lambdaStreamedGb: {
    usd: 0.008,
    unit: 'GB streamed by Lambda beyond 6 MB of a response',
    source: page('lambda'),
    confirmed: false,
  },
  dynamoRead: { usd: 0.125 / million, unit: 'DynamoDB read unit', ...dynamoDb },
  dynamoWrite: { usd: 0.625 / million, unit: 'DynamoDB write unit', ...dynamoDb },
  dynamoStorage: { usd: 0.25, unit: 'DynamoDB GB-month', source: page('dynamodb'), confirmed: false },
  dynamoBackup: {
    usd: 0.2,
    unit: 'DynamoDB GB-month of point-in-time recovery',
    source: page('dynamodb'),
    confirmed: false,
  },
  secret: { usd: 0.4, unit: 'secret-month', ...secretsManager },
  secretCall: { usd: 0.05 / 10_000, unit: 'Secrets Manager call', ...secretsManager },
  kmsKey: { usd: 1, unit: 'KMS key-month', ...kms },
  kmsCall: { usd: 0.03 / 10_000, unit: 'KMS call', ...kms },
  logIngestion: { usd: 0.5, unit: 'GB of log taken in', ...cloudWatch },
  logStorage: { usd: 0.03, unit: 'GB-month of log kept', ...cloudWatch, readAt: infracost },
  metric: { usd: 0.3, unit: 'custom metric-month', ...cloudWatch },
  alarm: { usd: 0.1, unit: 'alarm metric-month', ...cloudWatch, readAt: infracost },
  dashboard: { usd: 3, unit: 'dashboard-month', ...cloudWatch },
  trace: { usd: 5 / million, unit: 'X-Ray trace', source: page('xray'), confirmed: false },
  wafAcl: { usd: 5, unit: 'WAF web ACL-month', ...waf },
  wafRule: { usd: 1, unit: 'WAF rule-month', ...waf },
  wafRequest: { usd: 0.6 / million, unit: 'WAF request, its first 16 KB', ...waf },
  cognitoClient: {
    usd: 6,
    unit: 'Cognito machine client-month',
    ...cognito,
    readAt: 'https://www.rhythmictech.com/blog/the-aws-cognito-m2m-bill-has-come-due-what-you-need-to-know/',
  },
  cognitoToken: { usd: 2.25 / 1000, unit: 'Cognito token', ...cognito },
  natHour: { usd: 0.045, unit: 'NAT gateway-hour', ...network },
  natGb: { usd: 0.045, unit: 'GB through a NAT gateway', ...network },
  endpointHour: { usd: 0.01, unit: 'interface endpoint-hour in one zone', ...network },
  endpointGb: { usd: 0.01, unit: 'GB through an interface endpoint', ...network },
  embeddingToken: { usd: 0.02 / million, unit: 'token for Titan Text Embeddings V2', ...bedrock },
  vectorStorage: { usd: 0.06, unit: 'S3 Vectors GB-month', ...s3Vectors },
  /** A PUT counts as 128 KB at least. */
  vectorPutGb: { usd: 0.2, unit: 'GB put into S3 Vectors', ...s3Vectors },
  vectorQuery: { usd: 2.5 / million, unit: 'S3 Vectors query', ...s3Vectors },
  /** Of an index of at most 100 000 vectors; of those beyond, half. */
  vectorQueryTb: { usd: 0.004, unit: 'TB of vectors a query goes through', ...s3Vectors },
  vectorRequest: {
    usd: 0.055 / 1_000,
    unit: 'S3 Vectors GET, LIST and other request',
    source: page('s3'),
    confirmed: false,
  },
  sqsRequest: { usd: 0.4 / million, unit: 'SQS request', ...sqs },
  fargateCpuHour: { usd: 0.032_38, unit: 'Fargate vCPU-hour, arm64', ...fargate },
  fargateGbHour: { usd: 0.003_56, unit: 'Fargate GB-hour, arm64', ...fargate },
  loadBalancerHour: { usd: 0.0225, unit: 'load balancer-hour', ...loadBalancer },
  /** 3 000 connections a minute, 25 new ones a second, 1 GB an hour: whichever is most. */
  loadBalancerUnitHour: { usd: 0.008, unit: 'LCU-hour', ...loadBalancer },
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof prices;

export const hoursPerMonth = 730;

/** As people say it: what costs less than a hundredth of a cent, by the million. */
export function writePrice({ usd }: Price): string {
  return usd < 1e-4 ? `${Number((usd * million).toPrecision(6))} a million` : String(usd);
}

/** All prices as a table in Markdown, which `docs/aws-cost.md` holds. */
export function pricesTable(): string {
  const rows = Object.values<Price>(prices).map(
    (price) => `| ${price.unit} | ${writePrice(price)} | ${price.confirmed ? 'yes' : 'no'} |`,
  );
  return ['| What | $ | Confirmed |', '| --- | --- | --- |', ...rows].join('\n');
}
