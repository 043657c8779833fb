import { parseUrl } from '../parse-url.ts';
import { isAgentId } from '../registry/agent.ts';
import { isRecord, textsOf } from './attribute-value.ts';

/** A row of the sample that can be moved, or why it cannot. */
export type Parsed<T> = { value: T } | { skipped: string };

/** What is moved of a row of the sample's agent table. Its cached card is not: the gateway fetches and checks its own. */
export interface SampleAgent {
  agentId: string;
  place: SamplePlace;
  tokenUrl: string;
  clientId: string;
  scopes: string[];
  clientSecretArn: string;
  isActive: boolean;
}

/** Where an agent is: the sample's two addresses, or the runtime they were made of. */
export type SamplePlace = { agentCardUrl: string; backendUrl: string } | { backend: AgentCoreBackend };

export interface AgentCoreBackend {
  type: 'agentcore';
  agentRuntimeArn: string;
  qualifier?: string;
  /** Where it is not AWS's public one. */
  endpointUrl?: string;
}

/** The body of `POST /admin/agents`. */
export type RegistrationBody = SamplePlace & {
  agentId: string;
  authConfig: {
    type: 'oauth2_client_credentials';
    tokenUrl: string;
    clientId: string;
    clientSecret: string;
    scopes: string[];
  };
};

/**
 * Reads a row of the sample's agent table, of whatever shape. Does not check what the gateway checks itself, such as
 * addresses and lengths.
 */
export function parseSampleAgent(row: unknown): Parsed<SampleAgent> {
  if (!isRecord(row)) return { skipped: 'the row is no record' };
  const { agentId, agentCardUrl, backendUrl, status, authConfig } = row;
  if (!isText(agentId)) return { skipped: 'the row has no agentId' };
  if (!isAgentId(agentId))
    return { skipped: 'agentId is none here: a-z, 0-9 and -, at most 63, not ending in -' };
  if (!isText(agentCardUrl)) return { skipped: 'agentCardUrl is missing' };
  if (!isText(backendUrl)) return { skipped: 'backendUrl is missing' };
  const place = parsePlace(agentCardUrl, backendUrl);
  if ('skipped' in place) return place;
  const auth = parseAuth(authConfig);
  if ('skipped' in auth) return auth;
  // The sample serves what is `active` and nothing else.
  return { value: { agentId, place: place.value, ...auth.value, isActive: status === 'active' } };
}

/** A runtime is known by its ARN, from which the gateway makes its addresses anew. */
function parsePlace(agentCardUrl: string, backendUrl: string): Parsed<SamplePlace> {
  const urls = [backendUrl, agentCardUrl].filter(isAgentCore);
  if (urls.length === 0) return { value: { agentCardUrl, backendUrl } };
  const backend = urls.map(agentCoreOf).find((found) => found !== undefined);
  return backend === undefined
    ? { skipped: 'its backend is on AgentCore Runtime, and no address of it names the runtime' }
    : { value: { backend } };
}

const runtimePath = /^\/runtimes\/([^/]+)\//;

function agentCoreOf(text: string): AgentCoreBackend | undefined {
  const { origin, hostname, pathname, searchParams } = new URL(text);
  const agentRuntimeArn = decoded(runtimePath.exec(`${pathname}/`)?.[1] ?? '');
  if (!agentRuntimeArn?.startsWith('arn:')) return undefined;
  const qualifier = searchParams.get('qualifier');
  return {
    type: 'agentcore',
    agentRuntimeArn,
    ...(qualifier !== null && { qualifier }),
    ...(!hostname.startsWith('bedrock-agentcore.') && { endpointUrl: origin }),
  };
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

type SampleAuth = Pick<SampleAgent, 'tokenUrl' | 'clientId' | 'scopes' | 'clientSecretArn'>;

function parseAuth(authConfig: unknown): Parsed<SampleAuth> {
  if (!isRecord(authConfig)) return { skipped: 'authConfig is missing' };
  const { type, tokenUrl, clientId, clientSecretArn } = authConfig;
  if (type !== 'oauth2_client_credentials')
    return { skipped: 'authConfig.type is not oauth2_client_credentials, the only one of the sample' };
  if (!isText(tokenUrl)) return { skipped: 'authConfig.tokenUrl is missing' };
  if (!isText(clientId)) return { skipped: 'authConfig.clientId is missing' };
  if (!isText(clientSecretArn)) return { skipped: 'authConfig.clientSecretArn is missing' };
  const scopes = textsOf(authConfig.scopes ?? []);
  if (scopes === undefined) return { skipped: 'authConfig.scopes is no list of texts' };
  return { value: { tokenUrl, clientId, clientSecretArn, scopes } };
}

/** What registers the agent here. */
export function registrationOf(agent: SampleAgent, clientSecret: string): RegistrationBody {
  const { agentId, place, tokenUrl, clientId, scopes } = agent;
  const type = 'oauth2_client_credentials';
  return {
    agentId,
    ...place,
    authConfig: { type, tokenUrl, clientId, clientSecret, scopes },
  };
}

/** The client secret in the JSON the sample keeps in Secrets Manager. */
export function clientSecretIn(secretString: unknown): string | undefined {
  if (typeof secretString !== 'string') return undefined;
  try {
    const secret: unknown = JSON.parse(secretString);
    return isRecord(secret) && isText(secret.clientSecret) ? secret.clientSecret : undefined;
  } catch {
    // Not JSON, so not of the sample. The error would quote it.
    return undefined;
  }
}

/** By the host, AWS's own or a VPC endpoint's; the sample searches the whole URL and takes a path for one. */
function isAgentCore(url: string): boolean {
  return parseUrl(url)?.hostname.split('.').includes('bedrock-agentcore') === true;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
