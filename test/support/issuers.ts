import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { parse } from 'yaml';
import { products } from '../fixtures/issuers/index.ts';
import { agentOf, type Product, type Sample } from '../fixtures/issuers/sample.ts';
import { call } from './bindings.ts';
import { permit, register, startGateway, type TestGateway } from './gateway.ts';
import { startIssuer, type TestIssuer } from './issuer.ts';

/** A gateway that trusts every issuer of `docs/identity.md` at once, each a real one on loopback. */
export interface IssuersStand {
  gateway: TestGateway;
  /** As in the settings, in their order. */
  trusted: readonly Record<string, unknown>[];
  issuerOf(product: Pick<Product, 'name'>): TestIssuer;
  /** A partner's, with groups and scopes of ours in its tokens. */
  partner: TestIssuer;
  /** A sample with an issuer and times; `undefined` takes a claim away. */
  tokenOf(product: Pick<Product, 'name'>, sample: Sample, more?: Record<string, unknown>): Promise<string>;
  /** The agents it finds, which are those it may do anything with. */
  reached(token: string): Promise<string[]>;
  /** HTTP status of a call to an agent in each binding. */
  called(token: string, agentId: string): Promise<number[]>;
  close(): Promise<void>;
}

const documented = join(import.meta.dirname, '../../docs/identity.md');

/** The blocks of settings in the documentation, one for each issuer. */
export function documentedIssuers(): Record<string, unknown>[] {
  const blocks = readFileSync(documented, 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g);
  return [...blocks].map(([, block = '']) => parse(block) as Record<string, unknown>);
}

function nameOf({ alias = 'cognito' }: Record<string, unknown>): string {
  return String(alias);
}

/** Published with the others by some, and never to verify anything with. */
async function encryptionKey() {
  const { publicKey } = await generateKeyPair('RSA-OAEP', { extractable: true });
  return { ...(await exportJWK(publicKey)), kid: 'encryption', alg: 'RSA-OAEP', use: 'enc' };
}

export async function startIssuersStand(): Promise<IssuersStand> {
  const otherKeys = [await encryptionKey()];
  const started = await Promise.all(
    documentedIssuers().map(async (settings) => {
      const { pathname } = new URL(String(settings.issuer));
      const path = String(settings.issuer).endsWith(pathname) ? pathname : '';
      return { settings, issuer: await startIssuer({ path, otherKeys }) };
    }),
  );
  const issuers = new Map(started.map(({ settings, issuer }) => [nameOf(settings), issuer]));
  const trusted = started.map(({ settings, issuer }) => ({ ...settings, issuer: issuer.issuer }));
  const issuerOf = ({ name }: Pick<Product, 'name'>) => {
    const issuer = issuers.get(name);
    if (issuer === undefined) throw new TypeError(`docs/identity.md has no issuer for ${name}`);
    return issuer;
  };
  const gateway = await startGateway({ firstIssuers: trusted });
  await permitAll(gateway);

  const asked = async (token: string, path: string) =>
    (await gateway.fetch(path, { headers: { authorization: `Bearer ${token}` } })).json();
  return {
    ...{ gateway, trusted, issuerOf, partner: issuerOf({ name: 'partner' }) },
    tokenOf(product, { header, claims }, more = {}) {
      const { issuer: iss, publicJwk, sign } = issuerOf(product);
      const nowSeconds = Math.floor(Date.now() / 1000);
      const times = { iat: nowSeconds, nbf: nowSeconds, exp: nowSeconds + 3600 };
      return sign({ alg: 'RS256', kid: publicJwk().kid, ...header }, { iss, ...times, ...claims, ...more });
    },
    async reached(token) {
      const { agents } = (await asked(token, '/agents')) as { agents: { agentId: string }[] };
      return agents.map(({ agentId }) => agentId);
    },
    async called(token, agentId) {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const answers = [
        await call(gateway, 'JSON-RPC', 'ListTasks', { agentId, headers }),
        await call(gateway, 'HTTP+JSON', 'ListTasks', { agentId, headers }),
      ];
      for (const answer of answers) await answer.arrayBuffer();
      return answers.map(({ status }) => status);
    },
    async close() {
      await Promise.all([gateway.close(), ...[...issuers.values()].map((issuer) => issuer.close())]);
    },
  };
}

/** Each product's group, client and tenant are permitted an agent of their own. */
async function permitAll(gateway: TestGateway): Promise<void> {
  const permitted = products.flatMap((product) =>
    (['group', 'client', 'tenant'] as const).map(async (by) => {
      const agentId = agentOf[by](product);
      const grantee = product[by];
      if (grantee === undefined) return;
      await register(gateway, { agentId });
      await permit(gateway, grantee, { allowedAgents: [agentId] });
    }),
  );
  await Promise.all(permitted);
}
