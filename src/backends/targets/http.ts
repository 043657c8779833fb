import * as z from 'zod';
import { url } from '../limits.ts';
import { targetKind } from '../target.ts';

export const http = targetKind({
  type: 'http',
  summary: 'An A2A server at one URL or several: a container, a function URL, another cloud, on premises.',
  example: {
    type: 'http',
    urls: [{ url: 'https://a.example.com', weight: 2 }, { url: 'https://b.example.com' }],
  },
  hasGrpc: true,
  members: {
    urls: z
      .array(
        z.strictObject({
          url: url.describe('Origin of one instance.'),
          weight: z.int().min(1).max(100).default(1).describe('Its share of the calls.'),
        }),
      )
      .min(1)
      .max(16)
      .optional()
      .describe('Where instances of the agent are, if there are several; takes the place of `backendUrl`.'),
    affinity: z
      .enum(['none', 'context'])
      .default('none')
      .describe(
        '`context`: calls of one conversation go to one instance, for agents that keep it in memory.',
      ),
    authenticateCard: z
      .boolean()
      .default(false)
      .describe('Whether the card too is fetched with the credential. Redirects are then not followed.'),
  },
  problemWith({ urls }, { agentCardUrl, backendUrl }) {
    if (agentCardUrl === undefined) return { member: 'agentCardUrl', problem: 'required' };
    if (urls === undefined) return undefined;
    if (backendUrl !== undefined) return { member: 'backend.urls', problem: 'excludes backendUrl' };
    const origins = urls.map(({ url }) => new URL(url).origin);
    const isTwice = new Set(origins).size < origins.length;
    return isTwice ? { member: 'backend.urls', problem: 'names an origin twice' } : undefined;
  },
  locate({ urls }, { agentCardUrl = '', backendUrl }) {
    const given = urls ?? [{ url: backendUrl ?? agentCardUrl, weight: 1 }];
    return {
      agentCardUrl,
      origins: given.map(({ url, weight }) => ({ origin: new URL(url).origin, weight })),
    };
  },
  cardNeedsCredential: ({ authenticateCard }) => authenticateCard,
  stickiness: ({ urls = [], affinity }) => (affinity === 'context' && urls.length > 1 ? 'origin' : 'none'),
});
