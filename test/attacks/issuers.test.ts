import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maxGroups } from '../../src/access/token-claims.ts';
import type { TokenProblem } from '../../src/failure.ts';
import { products } from '../fixtures/issuers/index.ts';
import type { Product, Sample } from '../fixtures/issuers/sample.ts';
import { type IssuersStand, startIssuersStand } from '../support/issuers.ts';
import { hmacSigned, publicPem, selfSigned, unsigned } from './forge.ts';
import { expectTokenRefused, nowSeconds } from './token-refusal.ts';

/** What the issuers of one gateway, their other tokens, and forgers of them try on it; on every route and binding. */

let stand: IssuersStand;
// Each issuer makes itself a key of RSA, which takes as long as chance has it.
beforeAll(async () => {
  stand = await startIssuersStand();
}, 60_000);
afterAll(() => stand.close());

function settingsOf(product: Pick<Product, 'name'>): Record<string, unknown> {
  const { issuer } = stand.issuerOf(product);
  return stand.trusted.find((settings) => settings.issuer === issuer) ?? {};
}

/** The claim by which a sample names its client. */
function clientClaimOf(product: Product): string {
  return String(settingsOf(product).clientClaim ?? 'client_id');
}

/** A sample whose groups are this, wherever its product has them. */
function withGroups(product: Product, groups: unknown): Record<string, unknown> {
  const claim = String(settingsOf(product).groupsClaim);
  const [, top = '', inner] = claim.startsWith('/') ? claim.split('/') : [claim, claim];
  return { [top]: inner === undefined ? groups : { [inner]: groups } };
}

const others = products.flatMap((product) =>
  Object.entries(product.others).map(([what, sample]) => ({ name: product.name, what, product, sample })),
);

describe.each(others)('of $name, $what', ({ product, sample }) => {
  it('is refused', async () => {
    await expectTokenRefused(stand.gateway, `Bearer ${await stand.tokenOf(product, sample)}`, sample.problem);
  });
});

type Change = (product: Product) => Record<string, unknown>;

/** What becomes of a good token when its claims are other ones, signed by its issuer all the same. */
const changes: Readonly<Record<string, readonly [TokenProblem, Change]>> = {
  'has expired': ['expired', () => ({ exp: nowSeconds() - 3_600 })],
  'never expires': ['expired', () => ({ exp: undefined })],
  'is not valid yet': ['not_yet_valid', () => ({ nbf: nowSeconds() + 3_600 })],
  'names no client': ['client', (product) => ({ [clientClaimOf(product)]: undefined })],
  'names a list of clients': ['client', (product) => ({ [clientClaimOf(product)]: ['a'] })],
  'names a client longer than any': ['client', (product) => ({ [clientClaimOf(product)]: 'x'.repeat(257) })],
  'has a subject that is null': ['subject', () => ({ sub: null })],
  'has an empty subject': ['subject', () => ({ sub: '' })],
  'has a subject that is an object': ['subject', () => ({ sub: { toString: 'admin' } })],
  'is bound to a key': ['bound', () => ({ cnf: { jkt: 'thumbprint' } })],
  'has an id longer than any': ['malformed', () => ({ jti: 'x'.repeat(257) })],
  'has an id that is no text': ['malformed', () => ({ jti: 7 })],
  'is of another use': ['type', () => ({ token_use: 'id' })],
  'is of another type': ['type', () => ({ typ: 'ID' })],
  'has its groups as a text': ['groups', (product) => withGroups(product, 'admins')],
  'has its groups as a text of several': ['groups', (product) => withGroups(product, 'admins,billing')],
  'has its groups as an object': ['groups', (product) => withGroups(product, { 0: 'admins', length: 1 })],
  'has null for its groups': ['groups', (product) => withGroups(product, null)],
};

/** The same, where an issuer's groups are not few that are listed. */
const groupChanges: Readonly<Record<string, Change>> = {
  'has a group that is a list': (product) => withGroups(product, [['admins']]),
  'has a group that is null': (product) => withGroups(product, ['admins', null]),
  'has an empty group': (product) => withGroups(product, ['']),
  'has a group longer than any': (product) => withGroups(product, ['x'.repeat(257)]),
  'has more groups than any': (product) =>
    withGroups(
      product,
      Array.from({ length: maxGroups + 1 }, (_, index) => `g${index}`),
    ),
};

describe.each(products)('a token of $name that its issuer signed', (product) => {
  const refusedAs = async (
    problem: TokenProblem,
    more: Record<string, unknown>,
    sample: Sample = product.person,
  ) => expectTokenRefused(stand.gateway, `Bearer ${await stand.tokenOf(product, sample, more)}`, problem);

  it.each(Object.entries(changes))('and that %s is refused', async (_, [problem, change]) => {
    await refusedAs(problem, change(product));
  });

  it.each(Object.entries(groupChanges))(
    'and that %s is refused, or names none of ours',
    async (_, change) => {
      const allowed = settingsOf(product).allowGroups !== undefined;
      if (!allowed) return refusedAs('groups', change(product));
      const token = await stand.tokenOf(product, product.person, change(product));
      expect(await stand.reached(token)).toEqual(['agent']);
    },
  );

  it('for another audience, or for none, is refused', async () => {
    if (settingsOf(product).audiences === undefined) return; // Cognito, whose clients are listed.
    const { aud } = product.person.claims;
    const [audience = ''] = [aud].flat() as string[];
    for (const other of [undefined, 'https://other.test', `${audience}/`, [[audience]], { 0: audience }])
      await refusedAs('audience', { aud: other });
  });

  it('has no groups by what it inherits', async () => {
    const groups = withGroups(product, ['admins', 'billing']);
    const none = Object.fromEntries(Object.keys(groups).map((claim) => [claim, undefined]));
    // Computed, so that it is a member of that name.
    const token = await stand.tokenOf(product, product.machine, { ...none, ['__proto__']: groups });
    expect(await stand.reached(token)).toEqual(product.machine.reaches);
  });
});

describe.each(products)('a forged token of $name', (product) => {
  const parts = async (sample: Sample = product.person) => {
    const [header = '', payload = ''] = (await stand.tokenOf(product, sample)).split('.');
    const parse = (text: string) =>
      JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>;
    return { header: parse(header), payload: parse(payload) };
  };
  const refusedAs = (problem: TokenProblem, token: string) =>
    expectTokenRefused(stand.gateway, `Bearer ${token}`, problem);

  it('without a signature is refused', async () => {
    const { header, payload } = await parts();
    for (const alg of ['none', 'None']) await refusedAs('algorithm', unsigned({ ...header, alg }, payload));
  });

  it('by the public key as a shared secret is refused', async () => {
    const { header, payload } = await parts();
    const secret = publicPem(stand.issuerOf(product).publicJwk());
    await refusedAs('algorithm', hmacSigned({ ...header, alg: 'HS256' }, payload, secret));
  });

  it("by another key under the issuer's key id is refused", async () => {
    const { header, payload } = await parts();
    await refusedAs('signature', selfSigned(header, payload));
  });

  it('by the key for encryption is refused', async () => {
    const { header, payload } = await parts();
    await refusedAs('key', selfSigned({ ...header, kid: 'encryption' }, payload));
  });

  it('by another issuer of the gateway is refused, under its key id too', async () => {
    const { header, payload } = await parts();
    const { sign, publicJwk } = stand.partner;
    await refusedAs('signature', await sign(header, payload));
    await refusedAs('key', await sign({ ...header, kid: publicJwk().kid }, payload));
  });

  it('of another tenant by the same key is refused', async () => {
    const { header, payload } = await parts();
    const { issuer, sign } = stand.issuerOf(product);
    const { origin, pathname } = new URL(issuer);
    const tenants = [
      `${origin}${pathname.replace(/\w/, 'Z')}`,
      `${issuer}/`,
      issuer.replace(/\/$/, ''),
      origin,
    ];
    for (const iss of tenants.filter((tenant) => tenant !== issuer))
      await refusedAs('issuer', await sign(header, { ...payload, iss }));
  });
});

/** Scopes, groups, clients and tenants that are another's. */
const pretended = [
  ...['group:admins', 'group:Billing Team', 'client:7k1mbexample', 'group:partner:support'],
  'tenant:auth0:org_9ybsU1dN2dKfDkBi',
];

describe.each(products)('of $name, a scope', (product) => {
  const scopeClaim = ['entra', 'entra-v1', 'okta'].includes(product.name) ? 'scp' : 'scope';
  const nobody = () => ({
    ...withGroups(product, []),
    ...{ tid: undefined, org_id: undefined },
    ...(product.name === 'cognito' ? {} : { [clientClaimOf(product)]: 'nobody', client_id: undefined }),
  });
  const spelled = (scopes: readonly string[]) => (scopeClaim === 'scp' ? scopes : scopes.join(' '));

  it('that is named like a group, client or tenant is none', async () => {
    const { scopePrefix = '', alias } = settingsOf(product);
    const own = [...pretended, product.group, product.client, product.tenant ?? '', `group:${alias}:x`];
    for (const prefix of [`${scopePrefix}`, '']) {
      // A list, as any issuer may make it, holds names with spaces too.
      const scopes = own.map((scope) => prefix + scope);
      const token = await stand.tokenOf(product, product.person, { ...nobody(), [scopeClaim]: scopes });
      expect(await stand.reached(token)).toEqual([]);
    }
  });

  it('of another resource server is none of ours: hole 21 of the AWS sample', async () => {
    const scopes = [
      'anything/gateway:admin',
      'anything/demo',
      'a2a-gateway/x/gateway:admin',
      'a2a-gateway//demo',
    ];
    const foreign = product.name === 'cognito' ? [...scopes, 'gateway:admin', 'demo'] : scopes;
    const token = await stand.tokenOf(product, product.person, {
      ...nobody(),
      [scopeClaim]: spelled(foreign),
    });
    expect(await stand.reached(token)).toEqual([]);
    const headers = { authorization: `Bearer ${token}` };
    expect((await stand.gateway.fetch('/admin/agents', { headers })).status).toBe(403);
  });
});

describe('a partner', () => {
  const partner = { name: 'partner' };
  const claims = { sub: 'mallory', client_id: '7k1mbexample', aud: 'https://agents.acme.example' };

  it('names neither our groups and clients nor those of others, nor grants what it may not', async () => {
    const token = await stand.tokenOf(
      partner,
      { claims },
      {
        scope: ['gateway:admin', 'gateway:register', 'group:admins', 'client:7k1mbexample'].join(' '),
        groups: ['admins', 'Billing Team', 'billing', 'okta:Billing/EU', 'group:Billing Team', 'support'],
        'cognito:groups': ['admins'],
      },
    );
    expect(await stand.reached(token)).toEqual([]);
    for (const path of ['/admin/agents', '/admin/permissions'])
      expect(
        (await stand.gateway.fetch(path, { headers: { authorization: `Bearer ${token}` } })).status,
      ).toBe(403);
  });

  it('is who its issuer says, whoever it says it is', async () => {
    const { sub } = (products[0] as Product).person.claims;
    const token = await stand.tokenOf(partner, { claims: { ...claims, sub } }, { scope: 'demo' });
    expect(await stand.reached(token)).toEqual(['agent']);
    expect(stand.gateway.logged.at(-1)).toMatchObject({ issuer: stand.partner.issuer });
  });
});
