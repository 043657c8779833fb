import { beforeEach, describe, expect, it } from 'vitest';
import type { AuthConfig } from '../src/backends/auth-config.ts';
import { createBackends } from '../src/backends/backends.ts';
import type { Credentials } from '../src/backends/credentials.ts';
import type { OutgoingRequest } from '../src/backends/request.ts';
import type { Agent } from '../src/registry/agent.ts';
import { currentAuthOf } from '../src/registry/current-auth.ts';
import type { AgentStore } from '../src/store/port.ts';
import { anAgent } from './contract/store.ts';
import { upstream } from './support/upstream-servers.ts';

/** What one process presents while another has just changed an agent's credential. */

const request: OutgoingRequest = { method: 'GET', url: new URL('https://old.example/rpc'), headers: {} };
const facts = { agentId: 'agent', requestId: 'r' };

function bearerAuth(version: number): AuthConfig {
  return { type: 'bearer', secretName: `agents/agent/${version}`, secretMembers: ['token'] };
}

let kept: Map<string, string>;
/** The agent as the store has it now. */
let stored: Pick<Agent, 'authConfig' | 'agentCardUrl' | 'backendUrl' | 'backend'>;
let reads: number;
let credentials: Credentials;

beforeEach(() => {
  kept = new Map([1, 2].map((version) => [`agents/agent/${version}`, `{"token":"token-${version}"}`]));
  stored = { authConfig: bearerAuth(1), agentCardUrl: 'https://old.example/card.json' };
  reads = 0;
  const agents: Pick<AgentStore, 'get'> = {
    async get() {
      reads++;
      return { ...anAgent('agent'), ...stored };
    },
  };
  const secrets = {
    put: async () => {},
    create: async () => false,
    get: async (name: string) => kept.get(name),
    delete: async () => {},
    list: async () => [],
  };
  ({ credentials } = createBackends({
    ...{ upstream: upstream(), secrets, clock: { nowMs: () => 0 }, newId: () => 'id' },
    currentAuth: currentAuthOf(agents as AgentStore), // Nothing else of it is asked for.
  }));
});

async function presented(refused?: OutgoingRequest): Promise<string | undefined> {
  const outgoing = await credentials.apply(bearerAuth(1), request, facts, { refused });
  return outgoing?.headers.authorization;
}

const refused = { ...request, headers: { authorization: 'Bearer token-1' } };

describe('a secret that another process has replaced', () => {
  it('is found where the one of before is gone', async () => {
    kept.delete('agents/agent/1');
    stored.authConfig = bearerAuth(2);
    expect(await presented()).toBe('Bearer token-2');
  });

  it('is presented once the backend refuses the one of before', async () => {
    expect(await presented()).toBe('Bearer token-1');
    expect(reads).toBe(0);
    stored.authConfig = bearerAuth(2);
    expect(await presented(refused)).toBe('Bearer token-2');
  });

  it('never reaches the place of before, if the agent moved with it', async () => {
    stored = { authConfig: bearerAuth(2), agentCardUrl: 'https://new.example/card.json' };
    expect(await presented(refused)).toBeUndefined();
  });

  it('never reaches the place of before where the one of before is gone', async () => {
    kept.delete('agents/agent/1');
    stored = { authConfig: bearerAuth(2), agentCardUrl: 'https://new.example/card.json' };
    await expect(presented()).rejects.toMatchObject({
      failure: { code: 'credential_unavailable', problem: 'secret' },
    });
  });

  it.each([
    [true, 'Bearer token-2'],
    [false, undefined],
  ])(
    'is presented where the card is, if that is elsewhere and needs it: %s',
    async (authenticateCard, sent) => {
      stored = {
        authConfig: bearerAuth(2),
        agentCardUrl: 'https://old.example/card.json',
        backendUrl: 'https://calls.example',
        backend: { type: 'http', authenticateCard },
      };
      expect(await presented(refused)).toBe(sent);
    },
  );
});

describe('a secret', () => {
  it('that nobody has replaced is not presented again once it is refused', async () => {
    expect(await presented(refused)).toBeUndefined();
    expect(reads).toBe(1);
  });

  it('that was changed by hand is in no error', async () => {
    kept.set('agents/agent/1', 'changed-by-hand');
    const error = await presented().catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ failure: { code: 'credential_unavailable', problem: 'secret' } });
    expect(String((error as Error).cause)).not.toMatch(/changed|hand/);
  });
});
