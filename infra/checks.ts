import { Token } from 'aws-cdk-lib';
import { checkBackends } from './backends.ts';
import { checkClients } from './identity.ts';
import { checkNetwork } from './network-checks.ts';
import type { A2AGatewayProps } from './props.ts';
import { checkSearch } from './search.ts';
import { checkSeeds } from './seed-checks.ts';

/**
 * Refuses what could not work, before anything is made of it.
 * @throws TypeError that quotes the value and says what would do
 */
export function checkProps(props: A2AGatewayProps, environment: string): void {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,18}[a-z0-9])?$/.test(environment))
    throw new TypeError(`environment ${quoted(environment)}: lower-case letters, digits and -, at most 20`);
  checkEndpoint(props);
  checkNetwork(props);
  checkKeys(props);
  if (props.issuers === undefined) checkClients(props);
  checkSearch(props);
  checkBackends(props);
  checkSeeds(props);
}

function checkEndpoint(props: A2AGatewayProps): void {
  const { endpointType, domainName, certificateArn, basePath, hostedZone, publicUrl, stageName } = props;
  if (endpointType !== undefined && endpointType !== 'REGIONAL' && endpointType !== 'PRIVATE')
    throw new TypeError(
      `endpointType ${quoted(endpointType)}: REGIONAL or PRIVATE; others end streams after 30 s`,
    );
  if (domainName !== undefined && certificateArn === undefined)
    throw new TypeError(`domainName ${quoted(domainName)} needs certificateArn`);
  if (domainName !== undefined && endpointType === 'PRIVATE')
    throw new TypeError(
      `domainName ${quoted(domainName)}: a private API has none here; give publicUrl instead`,
    );
  for (const [name, value] of Object.entries({ certificateArn, basePath, hostedZone }))
    if (value !== undefined && domainName === undefined) throw new TypeError(`${name} needs domainName`);
  if (basePath !== undefined && !/^[\w-]+$/.test(basePath))
    throw new TypeError(`basePath ${quoted(basePath)}: one segment, without slashes`);
  if (stageName !== undefined && !/^[\w-]{1,128}$/.test(stageName))
    throw new TypeError(`stageName ${quoted(stageName)}: letters, digits, - and _`);
  if (publicUrl !== undefined && !Token.isUnresolved(publicUrl) && /[?#\s]|\/$/.test(publicUrl))
    throw new TypeError(`publicUrl ${quoted(publicUrl)}: without query, fragment and slash at the end`);
  const ttlSeconds = props.authorizerResultsCacheTtl?.toSeconds() ?? 0;
  if (ttlSeconds > 3600) throw new TypeError(`authorizerResultsCacheTtl ${ttlSeconds} s: at most 3600`);
}

function checkKeys({
  encryptionKey,
  customerManagedKey,
  alarmTopic,
  alarmEmail,
  natGateways,
}: A2AGatewayProps): void {
  if (encryptionKey !== undefined && customerManagedKey === false)
    throw new TypeError('customerManagedKey false contradicts encryptionKey');
  if (alarmTopic !== undefined && alarmEmail !== undefined)
    throw new TypeError(`alarmEmail ${quoted(alarmEmail)} makes a topic; alarmTopic is given`);
  if (natGateways !== undefined && (!Number.isInteger(natGateways) || natGateways < 0))
    throw new TypeError(`natGateways ${natGateways}: 0 or more`);
}

function quoted(value: unknown): string {
  return JSON.stringify(value);
}
