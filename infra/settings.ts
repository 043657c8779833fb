import { type aws_dynamodb as dynamodb, type aws_kms as kms, type Stack, Token } from 'aws-cdk-lib';
import { ConfigError, parseSettings } from '../src/config.ts';
import { settingRows } from '../src/config-environment.ts';
import { settingsSchema } from '../src/config-schema.ts';
import { parseUrl } from '../src/parse-url.ts';
import { secretPrefixOf } from './names.ts';
import type { A2AGatewayProps, Issuer } from './props.ts';
import { defaultModel, type SearchStorage } from './search.ts';

/** Where the functions' metrics are, made of their logs. */
export const metricsNamespace = 'A2AGateway';

/** Lambda takes no more, names and values together. */
const maxEnvironmentBytes = 4096;

const agentsPathVariable = 'A2A_GATEWAY_AGENTS_PATH';
const cardSigningVariable = 'A2A_GATEWAY_CARD_SIGNING_KMS_KEY_IDS';
const allowAddressesVariable = 'A2A_GATEWAY_UPSTREAM_ALLOW_ADDRESSES';

/** What the settings of all functions are made of. */
export interface Facts {
  readonly environment: string;
  readonly publicUrl: string;
  readonly issuers: readonly Issuer[];
  readonly table: dynamodb.Table;
  readonly key: kms.IKey | undefined;
  readonly cardSigningKeys: readonly kms.IKey[];
  /** Private ranges the functions must be let call. */
  readonly privateCidrs: readonly string[];
  readonly search: SearchStorage | undefined;
}

/**
 * The functions' environment variables. What can be told now is checked as the functions will check it at their start.
 * @throws TypeError for a setting that is none, that the construct sets itself, or that is wrong
 */
export function functionSettings(stack: Stack, props: A2AGatewayProps, facts: Facts): Record<string, string> {
  const { settings = {}, corsAllowOrigins = [] } = props;
  const own = {
    A2A_GATEWAY_PUBLIC_URL: facts.publicUrl,
    A2A_GATEWAY_ISSUERS: stack.toJsonString(facts.issuers),
    A2A_GATEWAY_STORE: 'dynamodb',
    A2A_GATEWAY_PERMISSIONS_CEDAR: String(props.conditions ?? false),
    A2A_GATEWAY_DYNAMODB_TABLE_NAME: facts.table.tableName,
    A2A_GATEWAY_SECRETS_MANAGER_PREFIX: secretPrefixOf(facts.environment),
    ...(facts.key !== undefined && { A2A_GATEWAY_SECRETS_MANAGER_KMS_KEY_ID: facts.key.keyArn }),
    A2A_GATEWAY_LOG_METRICS_NAMESPACE: metricsNamespace,
    A2A_GATEWAY_LOG_ENVIRONMENT: facts.environment,
    A2A_GATEWAY_LOG_LEVEL: props.logLevel ?? 'info',
    ...(corsAllowOrigins.length > 0 && { A2A_GATEWAY_CORS_ALLOW_ORIGINS: corsAllowOrigins.join(',') }),
    ...searchSettings(facts.search),
    ...(facts.cardSigningKeys.length > 0 && {
      [cardSigningVariable]: facts.cardSigningKeys.map(({ keyArn }) => keyArn).join(','),
    }),
  };
  checkPasswords(settings);
  checkNames(Object.keys(settings), own);
  const variables = { ...settings, ...own, ...lifted(settings, facts.privateCidrs) };
  checkValues(variables, facts.issuers);
  return variables;
}

const searchPrefix = 'A2A_GATEWAY_SEARCH_';

function searchSettings(search: SearchStorage | undefined): Record<string, string> {
  if (search === undefined) return { [`${searchPrefix}ENABLED`]: 'false' };
  const { model, vectorBucketName } = search;
  return {
    [`${searchPrefix}EMBEDDER`]: 'bedrock',
    [`${searchPrefix}BEDROCK_MODEL_ID`]: model.modelId,
    ...(model.dimensions !== defaultModel.dimensions && {
      [`${searchPrefix}BEDROCK_DIMENSIONS`]: String(model.dimensions),
    }),
    [`${searchPrefix}S3_VECTORS_VECTOR_BUCKET_NAME`]: vectorBucketName,
  };
}

/** Where agents are, as the settings have it. */
export function agentsPathOf({ settings = {} }: A2AGatewayProps): string {
  return settings[agentsPathVariable] ?? '/agents';
}

/** Whether the settings have no agent probed. */
export function neverProbes({ settings = {} }: A2AGatewayProps): boolean {
  const intervalMs = settings.A2A_GATEWAY_HEALTH_PROBE_INTERVAL_MS;
  return intervalMs !== undefined && Number(intervalMs) === 0;
}

function lifted(
  settings: Readonly<Record<string, string>>,
  cidrs: readonly string[],
): Record<string, string> {
  const given = settings[allowAddressesVariable];
  if (cidrs.length === 0) return {};
  return { [allowAddressesVariable]: [...(given === undefined ? [] : [given]), ...new Set(cidrs)].join(',') };
}

function checkNames(names: readonly string[], own: Readonly<Record<string, string>>): void {
  const known = new Set(settingRows(settingsSchema).map(({ variable }) => variable));
  for (const name of names) {
    if (!known.has(name))
      throw new TypeError(`settings: ${JSON.stringify(name)} is no setting; see docs/settings.md`);
    if (name === 'A2A_GATEWAY_SECRET_KEY')
      throw new TypeError(`settings: ${name} is a secret, and templates can be read`);
    if (
      name in own ||
      // Index and permissions are made for one model, and functions have no room for others.
      name.startsWith(searchPrefix) ||
      name === 'A2A_GATEWAY_CORS_ALLOW_ORIGINS' ||
      name === 'A2A_GATEWAY_SECRETS_MANAGER_KMS_KEY_ID' ||
      name === cardSigningVariable
    )
      throw new TypeError(`settings: ${name} is set by the construct; use its own property`);
  }
}

/** Such as a proxy's. */
function checkPasswords(settings: Readonly<Record<string, string>>): void {
  const found = Object.entries(settings).find(([, text]) => (parseUrl(text)?.password ?? '') !== '');
  if (found !== undefined)
    throw new TypeError(`settings: ${found[0]} has a password in it, and templates can be read`);
}

function checkValues(variables: Readonly<Record<string, string>>, issuers: readonly Issuer[]): void {
  const texts = Object.entries(variables).map(([name, value]) => [
    name,
    Token.isUnresolved(value) ? '' : value,
  ]);
  texts.push([JSON.stringify(issuers)]);
  const bytes = Buffer.byteLength(texts.flat().join(''));
  if (bytes > maxEnvironmentBytes)
    throw new TypeError(
      `the settings are ${bytes} bytes, and Lambda takes ${maxEnvironmentBytes}: name fewer issuers, ranges or settings`,
    );
  const known = Object.entries(variables).filter(([, value]) => !Token.isUnresolved(value));
  try {
    parseSettings(undefined, { ...standIns(issuers), ...Object.fromEntries(known) });
  } catch (error) {
    if (error instanceof ConfigError) throw new TypeError(`settings: ${error.message}`, { cause: error });
    throw error;
  }
}

/** For what is known only when it is deployed. */
function standIns(issuers: readonly Issuer[]): Record<string, string> {
  const known = issuers.filter((issuer) => !Token.isUnresolved(JSON.stringify(issuer)));
  const deployed = { issuer: 'https://issuer.example', audiences: ['known when it is deployed'] };
  return {
    A2A_GATEWAY_PUBLIC_URL: 'https://gateway.example',
    A2A_GATEWAY_ISSUERS: JSON.stringify(known.length < issuers.length ? [...known, deployed] : known),
    A2A_GATEWAY_DYNAMODB_TABLE_NAME: 'known-when-it-is-deployed',
  };
}
