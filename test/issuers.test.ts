import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { evaluatePolicy } from '../aws-local/policy-evaluation.ts';
import { type Authenticator, createAuthenticator } from '../src/access/authenticate.ts';
import { parseSettings } from '../src/config.ts';
import { createAuthorizer } from '../src/runtimes/lambda/authorizer.ts';
import { openSqliteStore } from '../src/store/sqlite/store.ts';
import { products } from './fixtures/issuers/index.ts';
import { agentOf } from './fixtures/issuers/sample.ts';
import { requestEvent, stage } from './support/authorizer.ts';
import { success } from './support/bindings.ts';
import { documentedIssuers, type IssuersStand, startIssuersStand } from './support/issuers.ts';
import { answerJson } from './support/scripted-agent.ts';
import { upstream } from './support/upstream-servers.ts';

/** Tokens as five products make them, at one gateway that trusts all five, set as `docs/identity.md` says. */

let stand: IssuersStand;
// Each issuer makes itself a key of RSA, which takes as long as chance has it.
beforeAll(async () => {
  stand = await startIssuersStand();
  stand.gateway.agent.script((request, ...rest) => {
    const binding = request.method === 'POST' ? 'JSON-RPC' : 'HTTP+JSON';
    answerJson(success(binding, { tasks: [] }))(request, ...rest);
  });
}, 60_000);
afterAll(() => stand.close());

const clock = { nowMs: () => Date.now() };
const everyAgent = [
  agentOf.scope,
  ...products.flatMap((product) => [agentOf.group(product), agentOf.client(product)]),
  ...products.filter(({ tenant }) => tenant !== undefined).map(agentOf.tenant),
];
const tokens = products.flatMap((product) =>
  (['person', 'machine'] as const).map((whose) => ({ product, whose, name: product.name })),
);

describe.each(tokens)('a token of $name for a $whose', ({ product, whose }) => {
  const sample = product[whose];
  let authenticator: Authenticator;
  beforeEach(() => {
    const { issuers } = parseSettings({ publicUrl: 'https://a.test', issuers: stand.trusted }, {});
    authenticator = createAuthenticator({ issuers, upstream: upstream(), clock });
  });

  it('is its principal', async () => {
    const token = await stand.tokenOf(product, sample);
    const principal = await authenticator.authenticate(`Bearer ${token}`);
    const { jti } = sample.claims;
    expect(principal).toEqual({
      issuer: stand.issuerOf(product).issuer,
      ...sample.principal,
      ...(jti !== undefined && { tokenId: jti }),
      ...{ issuedAtSeconds: expect.any(Number), expiresAtSeconds: expect.any(Number) },
    });
  });

  it('reaches what is permitted to its scopes, groups, client and tenant, and nothing else', async () => {
    const token = await stand.tokenOf(product, sample);
    expect(await stand.reached(token)).toEqual(sample.reaches);
    for (const agentId of everyAgent) {
      const status = sample.reaches.includes(agentId) ? 200 : 403;
      expect([agentId, await stand.called(token, agentId)]).toEqual([agentId, [status, status]]);
    }
  });
});

it('passes the authorizer of API Gateway to the same agents', async () => {
  const settings = parseSettings({ publicUrl: 'https://a.test', issuers: stand.trusted }, {});
  const store = openSqliteStore({ path: join(stand.gateway.dataDir, 'gateway.db') });
  const authorize = createAuthorizer({
    ...{ settings, store, clock, upstream: upstream() },
    log: { write: () => {} },
  });
  for (const { product, whose } of tokens) {
    const token = await stand.tokenOf(product, product[whose]);
    const { policyDocument } = await authorize(requestEvent(`Bearer ${token}`));
    const passed = everyAgent.filter(
      (agentId) => evaluatePolicy(policyDocument, `${stage}/POST/agents/${agentId}`) === 'allow',
    );
    expect(passed.sort()).toEqual(product[whose].reaches);
  }
  await store.close();
});

describe('the documented settings', () => {
  it('are of five products in six shapes, and a partner', () => {
    const names = documentedIssuers().map(({ alias }) => alias ?? 'cognito');
    expect(names).toEqual([...products.map(({ name }) => name), 'partner']);
  });

  it('are taken together, as they stand', () => {
    const { issuers } = parseSettings({ publicUrl: 'https://a.test', issuers: documentedIssuers() }, {});
    expect(issuers).toHaveLength(products.length + 1);
  });
});
