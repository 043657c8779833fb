import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { permissionOperations } from '../src/protocol/permission-operations.ts';
import { message } from './support/bindings.ts';
import { register, startGateway, type TestGateway } from './support/gateway.ts';
import { startIssuer, type TestIssuer, testAudience } from './support/issuer.ts';
import { callerWith } from './support/management.ts';
import { answerJson } from './support/scripted-agent.ts';

const text = readFileSync(join(import.meta.dirname, '../docs/permissions.md'), 'utf8');

/** The requests of the document, in their order. */
const requests = [...text.matchAll(/```http\n(\w+) (\S+)\n\n([\s\S]*?)```/g)].map(
  ([, method = '', path = '', body = '']) => ({ method, path, body: JSON.parse(body) }),
);
/** What is shown beside them. */
const [sent, answer] = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = '']) => JSON.parse(json));

let gateway: TestGateway;
let issuer: TestIssuer;
beforeAll(async () => {
  issuer = await startIssuer();
  const trusted = { issuer: issuer.issuer, audiences: [testAudience], groupsClaim: 'groups' };
  gateway = await startGateway({ registration: null, firstIssuers: [trusted] });
  for (const agentId of ['billing', 'ledger', 'hr-payroll']) await register(gateway, { agentId });
});
afterAll(() => Promise.all([gateway.close(), issuer.close()]));

describe('docs/permissions.md', () => {
  it('has every operation in its table', () => {
    for (const operation of permissionOperations) expect(text).toContain(`\n| \`${operation}\` |`);
  });

  it('shows permissions that can be set', async () => {
    const puts = requests.filter(({ method }) => method === 'PUT');
    expect(puts).toHaveLength(4);
    for (const { method, path, body } of puts)
      expect((await gateway.admin(method, path, body)).status, path).toBe(201);
  });

  it('shows a message that names its skill', async () => {
    gateway.agent.script(answerJson({ error: {} }, 400));
    const caller = await callerWith(gateway, { scope: 'payments', client_id: 'c' });
    const path = '/agents/billing/message:send';
    const headers = { 'a2a-version': '1.0' };
    await caller('POST', path, { message: sent }, headers);
    expect(gateway.agent.seen).toHaveLength(1);
    expect(await (await caller('POST', path, { message }, headers)).text()).toContain('SKILL_FORBIDDEN');
  });

  it('shows an explanation as it is', async () => {
    const { method, path, body } = requests.find(({ path }) => path.endsWith('/explain')) ?? {};
    // The issuer of the document is nobody here; the group is the first issuer's in both.
    const here = (value: unknown) =>
      JSON.parse(JSON.stringify(value).replaceAll('https://login.example.com', issuer.issuer));
    const told = await gateway.admin(String(method), String(path), here(body));
    expect(await told.json()).toEqual(here(answer));
  });
});
