import * as z from 'zod';
import { isAgentId } from './agent.ts';

/** What a registration may say, wherever it comes from: one set of limits for all. */

const tag = z.string().regex(/^[\p{L}\p{M}\p{N}._:/@+-]{1,64}$/u);
export const tags = z.array(tag).max(64);

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
