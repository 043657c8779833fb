import { afterAll, beforeAll, expect, it } from 'vitest';
import { maxFetches } from '../src/access/fetch-budget.ts';
import { openSqliteStore } from '../src/store/sqlite/store.ts';
import { requestEvent, startAuthorizer } from './support/authorizer.ts';
import { bindings, call, success } from './support/bindings.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { answerJson } from './support/scripted-agent.ts';

/** An issuer that changes its keys while it is used: by the gateway in both bindings, and by the authorizer before it. */

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

/** One set more than these is fetched at first; no time passes in which more might be. */
const rotations = maxFetches - 1;
const callers = 6;
const callsAKey = 20;

/** A token with a number for the key it is signed by, counted from 0. */
interface Signed {
  token: Promise<string>;
  key: number;
}

it('gives no wrong answer, to tokens of the next key or of the last', async () => {
  const { issuer } = gateway;
  const store = openSqliteStore({ path: `${gateway.dataDir}/authorizer.db` });
  const { authorize } = startAuthorizer(issuer, store);
  gateway.agent.script((request, ...rest) => {
    const binding = request.method === 'POST' ? 'JSON-RPC' : 'HTTP+JSON';
    answerJson(success(binding, { tasks: [] }))(request, ...rest);
  });

  const answers = new Set<string>();
  const underWay = new Set<Signed>();
  let [calls, key, isOver] = [0, 0, false];
  let answered = () => {};
  /** Signed before a rotation, by a key that is still published. */
  let older: Signed[] = [];

  const sign = (): Signed => ({ token: issuer.token({ jti: crypto.randomUUID() }), key });
  const ask = async (signed: Signed) => {
    underWay.add(signed);
    const authorization = `Bearer ${await signed.token}`;
    const headers = { authorization, 'content-type': 'application/json' };
    for (const binding of bindings) {
      const answer = await call(gateway, binding, 'ListTasks', { headers });
      answers.add(`${binding} ${answer.status}`);
      await answer.arrayBuffer();
    }
    const policy = await authorize(requestEvent(authorization)).catch((error: Error) => error.message);
    answers.add(typeof policy === 'string' ? policy : policy.principalId);
    underWay.delete(signed);
    calls++;
    answered();
  };
  const caller = async () => {
    while (!isOver) {
      await ask(older.pop() ?? sign());
      await ask(sign());
    }
  };

  const running = Promise.all(Array.from({ length: callers }, caller));
  /** Looked at after every answer, without work that would hold up the calls. */
  const until = async (isSo: () => boolean) => {
    while (!isSo()) {
      const next = new Promise<void>((resolve) => {
        answered = resolve;
      });
      await Promise.race([running, next]);
    }
  };
  for (let rotation = 1; rotation <= rotations; rotation++) {
    await until(() => calls >= rotation * callsAKey);
    const last = Array.from({ length: callsAKey / 2 }, sign);
    await Promise.all(last.map(({ token }) => token));
    await issuer.addKey();
    key++;
    older = last;
    await until(() => older.length === 0);
    await until(() => [...underWay].every((signed) => signed.key === key));
    issuer.withdrawOld();
  }
  isOver = true;
  await running;
  await store.close();

  expect([...answers].sort()).toEqual(['HTTP+JSON 200', 'JSON-RPC 200', 'alice']);
  // The gateway's and the authorizer's: one for each key, however many waited.
  expect(issuer.keyFetches()).toBe(2 * (rotations + 1));
}, 60_000);
