import { permissionOperations } from '../../protocol/permission-operations.ts';

/**
 * What a condition may speak of, as a Cedar schema. All of it stands in the token and in the agent's registration, and
 * nothing changes from call to call: a verdict that is kept stays right, and is the same wherever it is made.
 */
export const schema = `
entity Principal {
  issuer: String,
  subject: String,
  clientId?: String,
  tenant?: String,
  groups: Set<String>,
  scopes: Set<String>,
};
entity Agent {
  agentId: String,
  tags: Set<String>,
  owner: { issuer: String, subject: String },
};
action ${permissionOperations.join(', ')} appliesTo { principal: Principal, resource: Agent };
`;

/** Names of attributes, as in the schema. */
export const principalAttributes = ['issuer', 'subject', 'clientId', 'tenant', 'groups', 'scopes'] as const;
export type PrincipalAttribute = (typeof principalAttributes)[number];
export const agentAttributes = ['agentId', 'tags', 'owner'] as const;
export type AgentAttribute = (typeof agentAttributes)[number];
