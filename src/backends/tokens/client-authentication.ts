import * as z from 'zod';
import type { ConnectionOptions } from '../../ports.ts';
import type { MemberProblem } from '../credential.ts';
import { credentialUnavailable } from '../credential-unavailable.ts';
import { secretText, text } from '../limits.ts';
import { type AssertionKey, privateKeyText, type SignAssertion, signingMembers } from './assertion.ts';

/** How a client proves itself at a token endpoint: its name in OpenID Connect Core §9 and RFC 8705 §2.1. */
export const clientAuthentications = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'tls_client_auth',
] as const;
type ClientAuthentication = (typeof clientAuthentications)[number] | 'none';

/** What each method proves itself with. */
const secretOf: Readonly<Record<ClientAuthentication, 'clientSecret' | 'privateKey' | undefined>> = {
  client_secret_basic: 'clientSecret',
  client_secret_post: 'clientSecret',
  private_key_jwt: 'privateKey',
  tls_client_auth: undefined,
  none: undefined,
};

/** Members of every kind whose client authenticates itself. */
export const clientMembers = {
  clientAuthentication: z
    .enum(clientAuthentications)
    .optional()
    .describe('How the client proves itself. Default: `client_secret_basic`.'),
  ...signingMembers,
  assertionAudience: text
    .optional()
    .describe(
      "`aud` of the client's assertions. Default: the token endpoint. Some servers want their issuer.",
    ),
  useMutualTls: z
    .boolean()
    .optional()
    .describe(
      "Whether the connection to the token endpoint uses the agent's `mutualTls` and `caCertificates`. Default: false.",
    ),
};

export const clientSecrets = {
  clientSecret: secretText
    .optional()
    .describe('Secret of the client, for `client_secret_basic` and `_post`.'),
  privateKey: privateKeyText
    .optional()
    .describe('Private key assertions are signed with, for `private_key_jwt`: PKCS #8 in PEM, or a JWK.'),
};

/** A client of a token endpoint, with its secrets. */
export interface Client extends AssertionKey {
  tokenUrl: string;
  clientId?: string | undefined;
  clientAuthentication?: ClientAuthentication | undefined;
  clientSecret?: string | undefined;
  assertionAudience?: string | undefined;
  useMutualTls?: boolean | undefined;
}

type GivenClient = Omit<Client, 'tokenUrl' | 'version'>;

/**
 * What is wrong with a client's secrets together. One that is not used is refused: it would be kept for nothing.
 *
 * @param signs whether the kind signs with the private key whatever the client's method. Default: false.
 */
export function clientProblem(given: GivenClient, { signs = false } = {}): MemberProblem | undefined {
  const { clientAuthentication: method = 'client_secret_basic', algorithm, useMutualTls } = given;
  const wanted = new Set([secretOf[method], ...(signs ? ['privateKey'] : [])]);
  for (const member of ['clientSecret', 'privateKey'] as const) {
    const isGiven = given[member] !== undefined;
    if (isGiven !== wanted.has(member))
      return { member, problem: `${isGiven ? 'not used' : 'required'} for ${method}` };
  }
  if (wanted.has('privateKey') && algorithm === undefined)
    return { member: 'algorithm', problem: 'required with privateKey' };
  return method === 'tls_client_auth' && useMutualTls !== true
    ? { member: 'useMutualTls', problem: 'must be true for tls_client_auth' }
    : undefined;
}

/** What a request to a token endpoint carries for its client. */
export interface ClientProof {
  headers: Readonly<Record<string, string>>;
  form: Readonly<Record<string, string>>;
  connection?: ConnectionOptions | undefined;
}

/**
 * @param connection of the request to the agent. It goes to the token endpoint only where the registration says so,
 *   because a certificate, like any credential, goes nowhere it was not meant for.
 * @throws GatewayError `credential_unavailable`, problem `secret` or `key`
 */
export async function proofOf(
  client: Client,
  connection: ConnectionOptions | undefined,
  sign: SignAssertion,
): Promise<ClientProof> {
  const over = client.useMutualTls === true ? connection : undefined;
  const { headers = {}, form = {} } = await presented(client, over, sign);
  return { headers, form, connection: over };
}

async function presented(
  client: Client,
  connection: ConnectionOptions | undefined,
  sign: SignAssertion,
): Promise<Partial<ClientProof>> {
  const { clientId = '', clientAuthentication: method = 'client_secret_basic' } = client;
  switch (method) {
    case 'none':
      return {};
    case 'client_secret_basic':
      return { headers: { authorization: basicCredentials(clientId, secretIn(client)) } };
    case 'client_secret_post':
      return { form: { client_id: clientId, client_secret: secretIn(client) } };
    case 'tls_client_auth':
      if (connection?.clientCertificate === undefined)
        throw credentialUnavailable('key', new Error('no certificate'));
      return { form: { client_id: clientId } };
    case 'private_key_jwt':
      return { form: await assertionForm(client, sign) };
  }
}

/** RFC 7523 §2.2. */
async function assertionForm(client: Client, sign: SignAssertion): Promise<Record<string, string>> {
  const { clientId = '', tokenUrl, assertionAudience = tokenUrl } = client;
  return {
    client_id: clientId,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await sign({ iss: clientId, sub: clientId, aud: assertionAudience }, client),
  };
}

function secretIn({ clientSecret }: Client): string {
  if (clientSecret === undefined) throw credentialUnavailable('secret', new Error('no client secret'));
  return clientSecret;
}

/** RFC 6749 §2.3.1: both are form-encoded before they are joined. */
function basicCredentials(clientId: string, clientSecret: string): string {
  return `Basic ${btoa(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`)}`;
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
