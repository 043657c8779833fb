/**
 * The AgentCard as the gateway keeps it: the 1.0 shape (A2A §4.4), whatever generation the agent published, in
 * ProtoJSON spelling. Only members the specification names; anything else a card holds is dropped on the way in,
 * because an unknown member may carry an address of the backend.
 *
 * A card from `parseAgentCard` has every required list but `AgentSkill.tags` filled, unique skill ids, media types as
 * modes, and no security: the agent's own is not kept, `publishedCard` puts the gateway's in.
 */
export interface AgentCard {
  name: string;
  description: string;
  version: string;
  supportedInterfaces: AgentInterface[];
  capabilities: AgentCapabilities;
  defaultInputModes: string[];
  defaultOutputModes: string[];
  skills: AgentSkill[];
  /** The specification requires `url` too; a provider without one helps to find the agent but is not published. */
  provider?: { url?: string; organization: string };
  documentationUrl?: string;
  iconUrl?: string;
  securitySchemes?: Record<string, SecurityScheme>;
  securityRequirements?: SecurityRequirement[];
}

export interface AgentInterface {
  url: string;
  protocolBinding: string;
  /** `Major.Minor`. */
  protocolVersion: string;
  /** Opaque routing value the agent wants echoed (§8.3.2); never published by the gateway. */
  tenant?: string;
}

export interface AgentCapabilities {
  streaming?: boolean;
  pushNotifications?: boolean;
  extendedAgentCard?: boolean;
  extensions?: AgentExtension[];
}

export interface AgentExtension {
  uri: string;
  description?: string;
  required?: boolean;
  params?: Record<string, unknown>;
}

export interface AgentSkill {
  id: string;
  name: string;
  description: string;
  tags: string[];
  examples?: string[];
  inputModes?: string[];
  outputModes?: string[];
}

/** A signature of a published card (A2A §4.4.7), in base64url: what `protected` says and the card's canonical form are signed. */
export interface CardSignature {
  protected: string;
  signature: string;
}

/** One member, named for its kind (`oauth2SecurityScheme`, `openIdConnectSecurityScheme`, …). */
export type SecurityScheme = Record<string, Record<string, unknown>>;
export interface SecurityRequirement {
  schemes: Record<string, { list?: string[] }>;
}
