import * as z from 'zod';
import { permissionOperations } from '../protocol/permission-operations.ts';
import { isAgentPattern, isSingleAgent, isSkillPattern, type Permission } from './permission.ts';

/** What a permission may say, wherever it comes from: one set of limits for all. */

const maxPatterns = 500;
/** Each glob is compared with every agent when agents are listed. */
const maxGlobs = 20;
const maxAgentsWithSkills = 100;
const maxSkills = 1_000;

const agentPatterns = z
  .array(z.string().refine(isAgentPattern, { error: 'must be an agent id, a glob with *, or tag:<tag>' }))
  .max(maxPatterns)
  .refine((patterns) => patterns.filter((pattern) => pattern.includes('*')).length <= maxGlobs, {
    error: `at most ${maxGlobs} globs`,
  });

const skillPattern = z
  .string()
  .refine(isSkillPattern, { error: 'must be the id of a skill or a glob with *, 1 to 128 characters' });

const allowedSkills = z
  .record(
    z.string().refine(isSingleAgent, { error: 'must be an agent id' }),
    z.array(skillPattern).max(maxSkills),
  )
  .refine((skills) => Object.keys(skills).length <= maxAgentsWithSkills, {
    error: `at most ${maxAgentsWithSkills} agents`,
  })
  .refine((skills) => Object.values(skills).flat().length <= maxSkills, {
    error: `at most ${maxSkills} skills`,
  });

/** The members of a permission but its scope; `operations` are to be defaulted by who takes them. */
export const permissionMembers = {
  allowedAgents: agentPatterns,
  deniedAgents: agentPatterns.optional(),
  operations: z.array(z.enum(permissionOperations)),
  allowedSkills: allowedSkills.optional(),
  description: z.string().max(1_024).optional(),
};

/** What a permission says, without to whom and since when. */
export type PermissionContent = Omit<Permission, 'scope' | 'revision' | 'createdAtMs' | 'updatedAtMs'>;

const members = z.object(permissionMembers);

/** What was given for a permission, without the members that were not. */
export function contentOf(given: z.output<typeof members>): PermissionContent {
  const entries = Object.entries(given).filter(([name, value]) => name !== 'scope' && value !== undefined);
  // Of members of the schema, less those that are optional and absent.
  return Object.fromEntries(entries) as unknown as PermissionContent;
}
