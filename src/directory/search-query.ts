import * as z from 'zod';
import { bindings } from '../protocol/protocols.ts';
import { facetCapabilities } from '../search/document.ts';

/** What can be asked of the directory, wherever it is asked: one set of limits for all. */

const maxQueryChars = 1_000;
const maxResults = 100;

/** Control characters and halves of surrogate pairs say nothing, and models and logs choke on them. */
const unreadable = /[\p{Cc}\p{Cs}]/gu;

export const searchQuery = z.strictObject({
  query: z
    .string()
    .overwrite((text) => text.replace(unreadable, ' '))
    .trim()
    .min(1, { error: 'must not be blank' })
    .max(maxQueryChars, { error: `must be at most ${maxQueryChars} characters` })
    .describe('What is needed, in a sentence or a few words; or an id, a name, a tag.'),
  topK: z.int().min(1).max(maxResults).default(10).describe('How many agents at most.'),
  tags: z
    .array(z.string().min(1).max(64))
    .max(20)
    .default([])
    .describe('Only agents with all of these tags.'),
  protocolBinding: z.enum(bindings).optional().describe('Only agents that speak it themselves.'),
  protocolVersion: z
    .string()
    .regex(/^\d{1,3}\.\d{1,3}$/, { error: 'must be of the form 1.0' })
    .optional()
    .describe('Only agents that speak this version of A2A, such as `1.0`.'),
  capability: z.enum(facetCapabilities).optional().describe('Only agents whose card declares it.'),
});

export type SearchQuery = z.output<typeof searchQuery>;

/** The filters among the members, as the index knows them. */
export function facetsOf({ protocolBinding, protocolVersion, capability }: SearchQuery): string[] {
  return [
    ...(protocolBinding === undefined ? [] : [`binding:${protocolBinding}`]),
    ...(protocolVersion === undefined ? [] : [`version:${protocolVersion}`]),
    ...(capability === undefined ? [] : [`capability:${capability}`]),
  ];
}
