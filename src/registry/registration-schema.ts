import * as z from 'zod';
import { ownershipModes } from '../ownership/ownership.ts';
import { servedVersions } from '../protocol/version.ts';
import { isAgentId } from './agent.ts';

/** What a registration may say, wherever it comes from: one set of limits for all. */

const tag = z.string().regex(/^[\p{L}\p{M}\p{N}._:/@+-]{1,64}$/u);
export const tags = z.array(tag).max(64);

export const protocolVersions = z
  .array(z.enum(servedVersions))
  .min(1)
  .max(servedVersions.length)
  .describe('In which versions of A2A the agent may be called, whatever it speaks itself. Default: all.');

export const lenientVersions = z
  .boolean()
  .describe(
    'Whether a request that names no version is read by its method name or path. Default: it means 0.3.',
  );

export const ownership = z
  .enum(ownershipModes)
  .describe(
    'Whose the tasks and contexts of the agent are: of the `principal` who began them, of all with the same `client` or `tenant`, or as the `backend` itself has it, which then must tell callers apart. Default: `principal`.',
  );
/** Of the gateway's own agent, which nobody registers. */
export const directoryAgentId = 'directory';

/** Whether an id belongs to the gateway itself. What was registered under it before that is kept, and served to nobody. */
export function isReservedAgentId(agentId: string): boolean {
  return agentId === directoryAgentId;
}

export const agentId = z
  .string()
  .refine(isAgentId, { error: 'must be a-z, 0-9 and -, at most 63, not ending in -' })
  .refine((id) => !isReservedAgentId(id), { error: "is reserved for the gateway's own agent" });
