import * as z from 'zod';
import { permissionOperations } from '../protocol/permission-operations.ts';
import { isAgentPattern } from './permission.ts';

/** What a permission may say, wherever it comes from: one set of limits for all. */

const maxPatterns = 500;
/** Each glob is compared with every agent when agents are listed. */
const maxGlobs = 20;

export const allowedAgents = z
  .array(z.string().refine(isAgentPattern, { error: 'must be an agent id, a glob with *, or tag:<tag>' }))
  .max(maxPatterns)
  .refine((patterns) => patterns.filter((pattern) => pattern.includes('*')).length <= maxGlobs, {
    error: `at most ${maxGlobs} globs`,
  });

export const operations = z.array(z.enum(permissionOperations));

export const description = z.string().max(1_024);
