import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Cell, cells } from '../requirements/clause.ts';
import { message } from '../support/bindings.ts';
import { type CellCaller, cellCaller, expectRefused } from '../support/cell-caller.ts';
import { cites } from '../support/cites.ts';
import { startGateway, type TestGateway } from '../support/gateway.ts';
import { grpcSettings } from '../support/grpc.ts';
import { legacyMessage } from '../support/legacy.ts';
import { protoMessage } from '../support/legacy-proto.ts';
import { answering } from '../support/task-agent.ts';

/** A context is of who has it first, whether a caller or the agent thought of its id. */

let gateway: TestGateway;
beforeAll(async () => {
  const registration = { ownership: 'principal' };
  gateway = await startGateway({ settings: { grpc: grpcSettings }, registration });
});
afterAll(() => gateway.close());
afterEach(() => void gateway.agent.seen.splice(0));

const messages: Readonly<Record<Cell, object>> = {
  'JSON-RPC 1.0': message,
  'HTTP+JSON 1.0': message,
  'gRPC 1.0': message,
  'JSON-RPC 0.3': legacyMessage,
  'HTTP+JSON 0.3': protoMessage,
  'gRPC 0.3': protoMessage,
};

let made = 0;

/** No two tests have a context in common. */
const newContext = () => `context-${++made}`;

/** Answers every message in this context, without a task. */
function answerIn(contextId: string): void {
  const reply = { messageId: 'm-2', role: 'ROLE_AGENT', parts: [{ text: 'yes' }], contextId };
  gateway.agent.script(answering(() => ({ message: reply })));
}

async function callerOf(cell: Cell, subject: string): Promise<CellCaller> {
  return cellCaller(gateway, cell, await gateway.issuer.token({ sub: subject, client_id: subject }));
}

describe.each(cells)('in %s', (cell) => {
  const said = (contextId: string) => ({ params: { message: { ...messages[cell], contextId } } });
  const isSuccess = ({ status }: { status: number }) => status === (cell.startsWith('gRPC') ? 0 : 200);
  let alice: CellCaller;
  let mallory: CellCaller;
  beforeAll(async () => {
    [alice, mallory] = await Promise.all([callerOf(cell, 'alice'), callerOf(cell, 'mallory')]);
  });
  afterAll(() => {
    for (const caller of [alice, mallory]) caller.close();
  });

  it.each(['SendMessage', 'SendStreamingMessage'] as const)(
    'a context that the agent made is not joined by another: %s',
    async (operation) => {
      cites('A2A-13.1-own-tasks', cell);
      const contextId = newContext();
      answerIn(contextId);
      expect((await alice.call('SendMessage')).text).toContain(contextId);
      gateway.agent.seen.splice(0);
      expectRefused(cell, await mallory.call(operation, said(contextId)), 'CONTEXT_REFUSED');
      expect(gateway.agent.seen).toEqual([]);
      expect(isSuccess(await alice.call(operation, said(contextId)))).toBe(true);
    },
  );

  it('a context of another is not joined by another spelling of its id, which its agent may take for it', async () => {
    const contextId = randomUUID();
    answerIn(contextId);
    expect((await alice.call('SendMessage')).text).toContain(contextId);
    gateway.agent.seen.splice(0);
    const spellings = [
      contextId.toUpperCase(),
      contextId.replaceAll('-', ''),
      `{${contextId}}`,
      `urn:uuid:${contextId}`,
      ` ${contextId}\n`,
      contextId.replace(/\d/, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
    ];
    for (const spelling of spellings)
      expectRefused(cell, await mallory.call('SendMessage', said(spelling)), 'CONTEXT_REFUSED');
    expect(gateway.agent.seen).toEqual([]);
    expect(isSuccess(await alice.call('SendMessage', said(contextId.toUpperCase())))).toBe(true);
  });

  it('a context that a caller made up is theirs from then on, whatever the agent says', async () => {
    cites('A2A-13.1-own-tasks', cell);
    const contextId = newContext();
    answerIn(contextId);
    gateway.agent.script((_, response) => response.writeHead(500).end());
    await alice.call('SendMessage', said(contextId));
    gateway.agent.seen.splice(0);
    expectRefused(cell, await mallory.call('SendMessage', said(contextId)), 'CONTEXT_REFUSED');
    expect(gateway.agent.seen).toEqual([]);
  });

  it('of many who name a new context at once one has it', async () => {
    const contextId = newContext();
    answerIn(contextId);
    const callers = await Promise.all(Array.from({ length: 8 }, (_, n) => callerOf(cell, `racer-${n}`)));
    const answers = await Promise.all(callers.map((caller) => caller.call('SendMessage', said(contextId))));
    const [winner] = answers.filter((answer) => answer.text.includes(contextId));
    expect(winner && isSuccess(winner)).toBe(true);
    const losers = answers.filter((answer) => answer !== winner);
    for (const answer of losers) expectRefused(cell, answer, 'CONTEXT_REFUSED');
    expect([losers.length, gateway.agent.seen.length]).toEqual([7, 1]);
    for (const caller of callers) caller.close();
  });

  it('a refused message takes no context', async () => {
    const contextId = newContext();
    answerIn(contextId);
    const params = { message: { ...messages[cell], contextId, taskId: 'nobodys' } };
    expectRefused(cell, await mallory.call('SendMessage', { params }), 'TASK_NOT_FOUND');
    expect(isSuccess(await alice.call('SendMessage', said(contextId)))).toBe(true);
  });
});
