/** An Amazon Resource Name, taken apart. */
export interface AwsArn {
  partition: Partition;
  service: string;
  region: string;
  accountId: string;
  /** All after the account, such as `function:name`. */
  resource: string;
}

/** Where the names of each partition's services end. A partition that is not here is refused. */
const dnsSuffixes = {
  aws: 'amazonaws.com',
  'aws-cn': 'amazonaws.com.cn',
  'aws-us-gov': 'amazonaws.com',
} as const;
type Partition = keyof typeof dnsSuffixes;

/** Region names: they become part of a host, so nothing else is let through. */
export const regionPattern = /^[a-z]{2}(?:-[a-z]+){1,3}-\d{1,2}$/;

const arnPattern =
  /^arn:(aws|aws-cn|aws-us-gov):([a-z0-9-]+):([a-z0-9-]+):(\d{12}):([A-Za-z0-9$_/:-]{1,512})$/;

/**
 * Reads the ARN of a resource in one region of one account, of the partitions the gateway knows. Undefined for anything
 * else.
 */
export function parseArn(text: string): AwsArn | undefined {
  const [, partition, service = '', region = '', accountId = '', resource = ''] = arnPattern.exec(text) ?? [];
  if (!isPartition(partition) || !regionPattern.test(region)) return undefined;
  return { partition, service, region, accountId, resource };
}

function isPartition(text: string | undefined): text is Partition {
  return text !== undefined && Object.hasOwn(dnsSuffixes, text);
}

/** Origin of a service where a resource is, such as `https://lambda.eu-west-1.amazonaws.com`. */
export function serviceOrigin(service: string, { region, partition }: AwsArn): string {
  return `https://${service}.${region}.${dnsSuffixes[partition]}`;
}
