import { expect } from 'vitest';
import { call, message } from './bindings.ts';
import { agentOf, type Fetch, grant, keep, type SearchStand, startSearchStand } from './search-stand.ts';

export const invoices = {
  name: 'Invoice desk',
  description: 'Checks incoming invoices and pays what is due',
  tags: ['money'],
  skills: [{ id: 'pay', name: 'Payment', description: 'Pays invoices', tags: ['payment'] }],
};

/** `alice` may call `billing` and `travel`, and not `hidden`. */
export async function startDirectoryStand(): Promise<SearchStand> {
  const stand = await startSearchStand();
  await keep(stand.store, agentOf('billing', invoices));
  await keep(stand.store, agentOf('travel', { description: 'Pays invoices of hotels', streaming: true }));
  await keep(stand.store, agentOf('hidden', invoices));
  await grant(stand.store, 'demo', ['billing', 'travel']);
  return stand;
}

export interface DirectoryData {
  agents: { agentId: string; name: string; score: number; agentCardUrl: string; matchedSkills: string[] }[];
  query: string;
  totalMatches: number;
}

interface DirectoryMessage {
  messageId: string;
  contextId: string;
  role: string;
  parts: [{ text: string }, { data: DirectoryData }];
}

export type Parts = readonly Record<string, unknown>[];

/** Sends the directory a message of these parts. */
export function send(fetch: Fetch, parts: Parts, members: Record<string, unknown> = {}): Promise<Response> {
  const params = { message: { ...message, parts, ...members } };
  return call({ fetch }, 'HTTP+JSON', 'SendMessage', { agentId: 'directory', params });
}

export async function answer(
  fetch: Fetch,
  parts: Parts,
  members?: Record<string, unknown>,
): Promise<DirectoryMessage> {
  const response = await send(fetch, parts, members);
  expect(response.status).toBe(200);
  return ((await response.json()) as { message: DirectoryMessage }).message;
}

export async function dataFor(fetch: Fetch, parts: Parts): Promise<DirectoryData> {
  return (await answer(fetch, parts)).parts[1].data;
}

/** Calls with a token of another scope. */
export function withScope(fetch: Fetch, scope: string): Fetch {
  return (path, init) => fetch(path, init, { scope });
}

/** Calls without a token. */
export function anonymous(fetch: Fetch): Fetch {
  return (path, init) => fetch(path, { ...init, headers: { ...init?.headers, authorization: '' } });
}
