import * as z from 'zod';
import { permissionOperations } from '../protocol/permission-operations.ts';
import { maxConditionChars } from './cedar/bounds.ts';
import { agentLimits, limitMembers } from './limit-schema.ts';
import { isAgentPattern, isSingleAgent, isSkillPattern } from './permission.ts';

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
  deniedAgents: agentPatterns.exactOptional(),
  operations: z.array(z.enum(permissionOperations)).max(permissionOperations.length),
  allowedSkills: allowedSkills.exactOptional(),
  condition: z.string().min(1).max(maxConditionChars).exactOptional(),
  ...limitMembers,
  agentLimits: agentLimits.exactOptional(),
  description: z.string().max(1_024).exactOptional(),
};
