import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Cell } from './requirements/clause.ts';
import { cellOfGolden } from './support/citations.ts';
import { cites } from './support/cites.ts';
import { type Comparable, comparable } from './support/comparable.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { type Golden, readGoldens } from './support/golden.ts';
import { type SeededAgent, type SeededCell, seededPaths, startSeededAgent } from './support/seeded-agent.ts';

/**
 * What an agent of the official SDK answers to the golden exchanges, directly and through a gateway to which it offers
 * one way to speak. Where that is another than the caller's, the SDK's own bridging is what the gateway's is compared
 * with.
 */

/** Who is served: what the caller speaks, and what the agent offers. */
const served: readonly (readonly [caller: SeededCell, agent: SeededCell])[] = [
  ['JSON-RPC 1.0', 'JSON-RPC 1.0'],
  ['HTTP+JSON 1.0', 'HTTP+JSON 1.0'],
  ['JSON-RPC 0.3', 'JSON-RPC 0.3'],
];

/** Exchanges whose answers differ, and why that is right. */
const differing: Readonly<Record<string, string>> = {
  '1.0/http-json/get-task-version-in-query.json': 'the SDK does not read a version from the query',
  '0.3/json-rpc/send-message-with-version-and-extension.json': 'the SDK takes no patch digits in a version',
  '1.0/http-json/create-task-push-notification-config.json': 'the SDK says 201, the gateway 200',
  '1.0/json-rpc/list-task-push-notification-configs.json':
    'the SDK leaves out a `nextPageToken` that is empty',
  '1.0/http-json/list-task-push-notification-configs.json':
    'the SDK leaves out a `nextPageToken` that is empty',
  '1.0/http-json/delete-task-push-notification-config.json': 'the SDK says 204, the gateway an empty object',
};

const goldens = readGoldens();
const exchanges = goldens.filter(
  ({ golden: { agent, after, operation } }) => (agent ?? after) !== undefined && operation !== undefined,
);
let gateway: TestGateway;
let agent: SeededAgent;

beforeAll(async () => {
  [gateway, agent] = await Promise.all([startGateway({ registration: null }), startSeededAgent()]);
  for (const cell of Object.keys(seededPaths) as SeededCell[]) {
    agent.offer([cell]);
    await register(gateway, { agentId: idOf(cell), agentCardUrl: agent.cardUrl });
  }
  await permit(gateway, 'demo', {
    allowedAgents: ['*'],
    operations: ['send', 'stream', 'read', 'cancel', 'push'],
  });
});
afterAll(async () => {
  await agent.close();
  await gateway.close();
});
beforeEach(() => agent.reset());

function idOf(cell: Cell): string {
  return cell.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

/** What of an exchange is below the address of the agent. */
function restOf({ path }: Golden['request']): string {
  return path.replace(/^\/agents\/\w+/, '');
}

function initOf({ method, headers, body }: Golden['request']): RequestInit {
  return { method, headers, ...(body !== undefined && { body: body.join('\n') }) };
}

function direct(caller: SeededCell, { request }: Golden): Promise<Response> {
  return fetch(agent.url + seededPaths[caller].path + restOf(request), initOf(request));
}

/** Without a version of our making: a missing one has a meaning. */
function through(to: SeededCell, { request }: Golden): Promise<Response> {
  const { headers, ...init } = initOf(request);
  const version = { 'a2a-version': '' };
  return gateway.fetch(`/agents/${idOf(to)}${restOf(request)}`, {
    ...init,
    headers: { ...version, ...headers },
  });
}

describe.each(served)('a caller of %s, and an agent of %s', (caller, to) => {
  const own = exchanges.filter(({ name }) => cellOfGolden(name) === caller);

  it.each(own.map(({ name, golden }) => [golden.title, name, golden] as const))(
    'have one answer: %s (%s)',
    async (_, name, golden) => {
      cites('A2A-5.1-equal-answers', caller);
      const before = goldens.filter(({ name }) => name === golden.after);
      for (const { golden } of before) await (await direct(caller, golden)).text();
      const alone = await comparable(await direct(caller, golden));
      await agent.reset();
      for (const { golden } of before) await (await through(to, golden)).text();
      const carried = await comparable(await through(to, golden));
      if (differing[name] !== undefined) expect(carried).not.toEqual(alone);
      else expect(withoutPlace(carried, golden)).toEqual(withoutPlace(alone, golden));
    },
  );
});

/** A card names where the agent is reached and how callers sign in, which the gateway must rewrite. */
function withoutPlace(answer: Comparable, { operation }: Golden): Comparable {
  if (operation !== 'GetExtendedAgentCard') return answer;
  const { description } =
    (answer.content as { result?: { description?: string } }).result ??
    (answer.content as { description?: string });
  return { ...answer, content: description };
}
