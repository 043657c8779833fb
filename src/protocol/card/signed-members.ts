/** The members of a card and what A2A §8.4.1 makes of their default values; `a2a.proto` of 1.0, without `signatures`. */

export interface Message {
  members: Readonly<Record<string, Member>>;
}

/** What a value is: a message, a list, a map, or of no concern (texts, flags, free JSON). */
export type Kind = 'any' | Message | { itemsOf: Kind } | { valuesOf: Kind };

interface Member {
  kind: Kind;
  /** Neither REQUIRED nor `optional`: a default value is left out of what is signed. */
  isOmittedByDefault: boolean;
}

const kept = (kind: Kind = 'any'): Member => ({ kind, isOmittedByDefault: false });
const plain = (kind: Kind = 'any'): Member => ({ kind, isOmittedByDefault: true });
const message = (members: Message['members']): Message => ({ members });
const listOf = (itemsOf: Kind = 'any') => ({ itemsOf });
const mapOf = (valuesOf: Kind = 'any') => ({ valuesOf });

const securityRequirements = listOf(message({ schemes: plain(mapOf(message({ list: plain(listOf()) }))) }));

const tokenFlow = { tokenUrl: kept(), refreshUrl: plain(), scopes: kept(mapOf()) };
/** Deprecated ones require nothing. */
const formerFlow = { refreshUrl: plain(), scopes: plain(mapOf()) };

const flows = message({
  authorizationCode: plain(message({ authorizationUrl: kept(), ...tokenFlow, pkceRequired: plain() })),
  clientCredentials: plain(message(tokenFlow)),
  implicit: plain(message({ authorizationUrl: plain(), ...formerFlow })),
  password: plain(message({ tokenUrl: plain(), ...formerFlow })),
  deviceCode: plain(message({ deviceAuthorizationUrl: kept(), ...tokenFlow })),
});

const description = plain();

const securityScheme = message({
  apiKeySecurityScheme: plain(message({ description, location: kept(), name: kept() })),
  httpAuthSecurityScheme: plain(message({ description, scheme: kept(), bearerFormat: plain() })),
  oauth2SecurityScheme: plain(message({ description, flows: kept(flows), oauth2MetadataUrl: plain() })),
  openIdConnectSecurityScheme: plain(message({ description, openIdConnectUrl: kept() })),
  mtlsSecurityScheme: plain(message({ description })),
});

const extension = message({ uri: plain(), description, required: plain(), params: plain() });

const skill = message({
  id: kept(),
  name: kept(),
  description: kept(),
  tags: kept(listOf()),
  examples: plain(listOf()),
  inputModes: plain(listOf()),
  outputModes: plain(listOf()),
  securityRequirements: plain(securityRequirements),
});

export const cardMessage = message({
  name: kept(),
  description: kept(),
  supportedInterfaces: kept(
    listOf(message({ url: kept(), protocolBinding: kept(), tenant: plain(), protocolVersion: kept() })),
  ),
  provider: plain(message({ url: kept(), organization: kept() })),
  version: kept(),
  documentationUrl: kept(),
  capabilities: kept(
    message({
      streaming: kept(),
      pushNotifications: kept(),
      extensions: plain(listOf(extension)),
      extendedAgentCard: kept(),
    }),
  ),
  securitySchemes: plain(mapOf(securityScheme)),
  securityRequirements: plain(securityRequirements),
  defaultInputModes: kept(listOf()),
  defaultOutputModes: kept(listOf()),
  skills: kept(listOf(skill)),
  iconUrl: kept(),
});
