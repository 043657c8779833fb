import { expect, it } from 'vitest';
import { noChangeTrail } from '../audit/audit.ts';
import { GatewayError } from '../failure.ts';
import type { Secrets, Upstream } from '../ports.ts';
import type { AgentStore } from '../store/port.ts';
import type { Agent } from './agent.ts';
import { createRegistry } from './registry.ts';

const given = {
  type: 'oauth2_client_credentials' as const,
  ...{ tokenUrl: 'https://idp.example/token', clientId: 'gw', scopes: [], clientSecret: 'new' },
};

const before = {
  ...{ agentId: 'billing', revision: 7, agentCardUrl: 'https://agent.example/card.json', status: 'active' },
  ...{ tags: [], owner: { issuer: 'https://idp.example', subject: 'team' }, publicCard: false },
  authConfig: { ...given, clientSecret: undefined, secretName: 'agents/billing/old' },
} as unknown as Agent; // The members a rotation looks at.

/** A registry over one agent; `replace` and the deleting of a secret do what a test says. */
function rotating(replace: AgentStore['replace'], deleteSecret: (name: string) => void = () => {}) {
  const kept = new Map([['agents/billing/old', 'old']]);
  const secrets: Partial<Secrets> = {
    put: async (name, value) => void kept.set(name, value),
    async delete(name) {
      deleteSecret(name);
      kept.delete(name);
    },
  };
  const registry = createRegistry({
    agents: { replace } as AgentStore,
    changeTrail: noChangeTrail,
    secrets: secrets as Secrets,
    upstream: { refusal: () => undefined } as unknown as Upstream,
    send: () => Promise.reject(new Error('nothing is sent')),
    clock: { nowMs: () => 1 },
    newId: () => 'new',
    limits: { maxCardBytes: 1, cardTimeoutMs: 1 },
  });
  const by = { as: 'admin', requestId: 'r', by: before.owner } as const;
  return { kept, rotate: () => registry.update(before, { authConfig: given }, by) };
}

const unavailable = new GatewayError({ code: 'store_unavailable' });

it('a rotation leaves the new secret alone', async () => {
  const { kept, rotate } = rotating(async () => true);
  await rotate();
  expect([...kept]).toEqual([['agents/billing/new', '{"clientSecret":"new"}']]);
});

it('a rotation that loses to another write leaves the old secret alone', async () => {
  const { kept, rotate } = rotating(async () => false);
  await expect(rotate()).rejects.toMatchObject({ failure: { code: 'precondition_failed' } });
  expect([...kept.keys()]).toEqual(['agents/billing/old']);
});

it('a rotation whose old secret cannot be deleted keeps the new one, which the agent refers to', async () => {
  const { kept, rotate } = rotating(
    async () => true,
    (name) => {
      if (name.endsWith('/old')) throw unavailable;
    },
  );
  await expect(rotate()).rejects.toBe(unavailable);
  expect(kept.get('agents/billing/new')).toBe('{"clientSecret":"new"}');
});

it('a rotation whose write is not answered keeps both secrets, because either may be the one referred to', async () => {
  const { kept, rotate } = rotating(() => Promise.reject(unavailable));
  await expect(rotate()).rejects.toBe(unavailable);
  expect([...kept.keys()]).toEqual(['agents/billing/old', 'agents/billing/new']);
});
