import * as z from 'zod';
import { isGrantee } from '../../access/grantee.ts';
import { agentLimits, limitMembers } from '../../access/limit-schema.ts';
import { permissionMembers } from '../../access/permission-schema.ts';
import { authSchema, type SecretsGiven } from '../../backends/auth-schema.ts';
import {
  agentDeadlinesSchema,
  agentLimitsSchema,
  backendSchema,
  caCertificates,
  plainHttp,
} from '../../backends/backend-config.ts';
import { targetKindOf } from '../../backends/kinds.ts';
import { url } from '../../backends/limits.ts';
import { agentId, ownership, tags } from '../../registry/registration-schema.ts';
import { SeedError } from './seed-error.ts';

/** CloudFormation hands booleans on as text. */
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')]);

const secretArn = z
  .string()
  .regex(/^arn:[\w-]+:secretsmanager:\S+$/, { error: 'must be the ARN of a secret' });

/** Each secret by the address of one in Secrets Manager whose text it is: properties are no place for one. */
export const secretArns: SecretsGiven = {
  member: (name) => `${name}Arn`,
  schema: (secret) => (secret.safeParse(undefined).success ? secretArn.optional() : secretArn),
};

/** What may hold booleans and numbers comes as one JSON text, for the same reason; an object is one of texts alone. */
function nested<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess((given) => (typeof given === 'string' ? (parsedOf(given) ?? given) : given), schema);
}

function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An agent as a stack declares it: names as in the body of `POST /admin/agents`. */
export const seedAgentSchema = z
  .strictObject({
    agentId,
    agentCardUrl: url.optional(),
    backendUrl: url.optional(),
    backend: nested(backendSchema).optional(),
    authConfig: nested(authSchema(secretArns)).default({ type: 'none' }),
    caCertificates: caCertificates.optional(),
    deadlines: nested(agentDeadlinesSchema).optional(),
    limits: nested(agentLimitsSchema).optional(),
    tags: tags.default([]),
    publicCard: flag.default(false),
    ownership: ownership.optional(),
  })
  // Only once every member is one: a kind reads the others' URLs.
  .transform((given, context) => {
    const { backend = plainHttp } = given;
    const found = targetKindOf(backend).problemWith?.(backend, given);
    if (found !== undefined)
      context.addIssue({ code: 'custom', path: found.member.split('.'), message: found.problem });
    return given;
  });

/** A permission as a stack declares it: names as in the body of `PUT /admin/permissions/{scope}`. */
export const seedPermissionSchema = z.strictObject({
  scope: z.string().refine(isGrantee, { error: 'not a scope, group:<name>, client:<id> or tenant:<name>' }),
  ...permissionMembers,
  requestsPerMinute: nested(limitMembers.requestsPerMinute.unwrap()).exactOptional(),
  burst: nested(limitMembers.burst.unwrap()).exactOptional(),
  requestsPerDay: nested(limitMembers.requestsPerDay.unwrap()).exactOptional(),
  maxOpenStreams: nested(limitMembers.maxOpenStreams.unwrap()).exactOptional(),
  maxBodyBytes: nested(limitMembers.maxBodyBytes.unwrap()).exactOptional(),
  allowedSkills: nested(permissionMembers.allowedSkills.unwrap()).exactOptional(),
  agentLimits: nested(agentLimits).exactOptional(),
});

const properties = z.strictObject({
  agents: z
    .array(seedAgentSchema)
    .default([])
    .refine((agents) => areUnique(agents.map(({ agentId }) => agentId)), { error: 'names an agent twice' }),
  permissions: z
    .array(seedPermissionSchema)
    .default([])
    .refine((permissions) => areUnique(permissions.map(({ scope }) => scope)), {
      error: 'names a scope twice',
    }),
  /** Any other value than the last makes every secret be read again. */
  Revision: z.union([z.string(), z.number()]).transform(String).optional(),
  // CloudFormation's own.
  ServiceToken: z.unknown().optional(),
  ServiceTimeout: z.unknown().optional(),
});

export type SeedAgent = z.output<typeof seedAgentSchema>;
export type SeedPermission = z.output<typeof seedPermissionSchema>;

/** What a stack says there is. */
export interface Seed {
  agents: readonly SeedAgent[];
  permissions: readonly SeedPermission[];
  revision?: string | undefined;
}

export const emptySeed: Seed = { agents: [], permissions: [] };

/** @throws SeedError naming the first member that is wrong, never its value: it may be a secret put in the wrong place */
export function parseSeed(given: unknown): Seed {
  const parsed = properties.safeParse(given);
  if (parsed.success) {
    const { agents, permissions, Revision: revision } = parsed.data;
    return { agents, permissions, revision };
  }
  const [issue] = parsed.error.issues;
  const path = ['properties', ...(issue?.path ?? [])].join('.');
  throw new SeedError(`${path}: ${issue?.message ?? 'not valid'}`);
}

/**
 * What of properties that were in force before was, or may have been, carried out. Of a seed that was refused nothing was,
 * and yet it is what CloudFormation rolls back from: an item that is not valid is left out, never a reason to fail.
 */
export function formerSeed(given: unknown): Seed {
  const { agents, permissions, Revision } = z
    .object({
      agents: z.array(z.unknown()).catch([]),
      permissions: z.array(z.unknown()).catch([]),
      Revision: properties.shape.Revision.catch(undefined),
    })
    .catch({ agents: [], permissions: [], Revision: undefined })
    .parse(given);
  return {
    agents: agents.flatMap((item) => seedAgentSchema.safeParse(item).data ?? []),
    permissions: permissions.flatMap((item) => seedPermissionSchema.safeParse(item).data ?? []),
    revision: Revision,
  };
}

function areUnique(keys: readonly string[]): boolean {
  return new Set(keys).size === keys.length;
}
