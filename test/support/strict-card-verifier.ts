import { createLocalJWKSet, flattenedVerify, type JSONWebKeySet } from 'jose';

/**
 * Verifies a card by the letter of A2A §8.4.3: the canonical form of §8.4.1 with the presence that `a2a.proto` gives each
 * field, and nothing that the gateway is made of. Written from the specification, not from the code it judges.
 */

/** The messages of a card in `a2a.proto` of 1.0: `!` is REQUIRED, `?` is `optional`, `[]` repeated, `{}` a map. */
const proto = `
  AgentCard: name! description! supportedInterfaces![]AgentInterface provider:AgentProvider version! documentationUrl?
    capabilities!:AgentCapabilities securitySchemes{}SecurityScheme securityRequirements[]SecurityRequirement
    defaultInputModes![] defaultOutputModes![] skills![]AgentSkill iconUrl?
  AgentInterface: url! protocolBinding! tenant protocolVersion!
  AgentProvider: url! organization!
  AgentCapabilities: streaming? pushNotifications? extensions[]AgentExtension extendedAgentCard?
  AgentExtension: uri description required params:Struct
  AgentSkill: id! name! description! tags![] examples[] inputModes[] outputModes[]
    securityRequirements[]SecurityRequirement
  SecurityScheme: apiKeySecurityScheme:ApiKey httpAuthSecurityScheme:HttpAuth oauth2SecurityScheme:OAuth2
    openIdConnectSecurityScheme:OpenIdConnect mtlsSecurityScheme:MutualTls
  ApiKey: description location! name!
  HttpAuth: description scheme! bearerFormat
  OAuth2: description flows!:OAuthFlows oauth2MetadataUrl
  OpenIdConnect: description openIdConnectUrl!
  MutualTls: description
  OAuthFlows: authorizationCode:AuthorizationCode clientCredentials:ClientCredentials implicit:Implicit
    password:Password deviceCode:DeviceCode
  AuthorizationCode: authorizationUrl! tokenUrl! refreshUrl scopes!{} pkceRequired
  ClientCredentials: tokenUrl! refreshUrl scopes!{}
  Implicit: authorizationUrl refreshUrl scopes{}
  Password: tokenUrl refreshUrl scopes{}
  DeviceCode: deviceAuthorizationUrl! tokenUrl! refreshUrl scopes!{}
  SecurityRequirement: schemes{}StringList
  StringList: list[]
`;

interface Field {
  name: string;
  isAlwaysKept: boolean;
  shape: string;
  type: string;
}

const messageTypes = new Map<string, Map<string, Field>>();
for (const [, message = '', fields = ''] of proto.matchAll(
  /(\w+): ([^:]*(?::\w+[^:]*)*?)(?=\n {2}\w+: |\n$)/g,
))
  messageTypes.set(message, new Map(fields.trim().split(/\s+/).map(fieldOf)));

function fieldOf(text: string): [string, Field] {
  const [, name = '', presence = '', shape = '', type = ''] =
    /^(\w+)([!?]?)(:|\[\]|\{\}|)(\w*)$/.exec(text) ?? [];
  if (name === '') throw new Error(`no field: ${text}`);
  return [name, { name, isAlwaysKept: presence !== '', shape, type }];
}

type Json = Readonly<Record<string, unknown>>;

function presented(value: unknown, type: string): unknown {
  const fields = messageTypes.get(type);
  if (fields === undefined) return value;
  const kept: Record<string, unknown> = {};
  for (const [name, given] of Object.entries(value as Json)) {
    const field = fields.get(name);
    if (field === undefined || given === null) continue;
    const inner = insideOf(given, field);
    const isDefault = ['', false, 0].some((one) => one === inner) || (field.shape !== ':' && isEmpty(inner));
    if (field.isAlwaysKept || !isDefault) kept[name] = inner;
  }
  return kept;
}

function insideOf(given: unknown, { shape, type }: Field): unknown {
  if (shape === '[]') return (given as unknown[]).map((item) => presented(item, type));
  if (shape !== '{}') return presented(given, type);
  return Object.fromEntries(Object.entries(given as Json).map(([key, item]) => [key, presented(item, type)]));
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** RFC 8785. */
export function jcs(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([one], [other]) => (one < other ? -1 : 1)))
      : member,
  );
}

export type Reading = (card: Json) => string;

/** As the specification has it. */
export const bySpecification: Reading = ({ signatures: _, ...card }) => jcs(presented(card, 'AgentCard'));
/** As whoever knows no schema would do it. */
export const asReceived: Reading = ({ signatures: _, ...card }) => jcs(card);

/**
 * The protected header of the first signature that holds.
 * @throws Error where none does, or one is not as A2A §8.4.2 wants it
 */
export async function verifyStrictly(
  card: Json,
  keys: JSONWebKeySet,
  reading = bySpecification,
): Promise<Json> {
  const signatures = card.signatures as { protected: string; signature: string }[];
  const payload = Buffer.from(reading(card)).toString('base64url');
  for (const { protected: header, signature } of signatures) {
    const verified = await flattenedVerify(
      { protected: header, signature, payload },
      createLocalJWKSet(keys),
    ).catch(() => undefined);
    const { alg, kid, typ } = verified?.protectedHeader ?? {};
    if (verified === undefined) continue;
    if (alg === undefined || kid === undefined || typ !== 'JOSE')
      throw new Error('a header that lacks something');
    return { ...verified.protectedHeader };
  }
  throw new Error('no signature holds');
}
