import { expect } from 'vitest';
import { permit, startGateway, type TestGateway } from '../support/gateway.ts';
import { grpcSettings } from '../support/grpc.ts';
import { startIssuer, type TestIssuer } from '../support/issuer.ts';
import { answerJson } from '../support/scripted-agent.ts';
import { ask, askOwn, type Scene } from './ask.ts';
import { everywhere, inNoCall, type Provocations } from './provocation.ts';
import { everything, gatewayWith } from './scenes.ts';

const management = 'is for the management alone';

/** Who calls, and what they may do. */
export const ofAccess: Provocations<
  | 'token_missing'
  | 'token_invalid'
  | 'issuer_unavailable'
  | 'agent_forbidden'
  | 'operation_forbidden'
  | 'skill_forbidden'
  | 'limit_exceeded'
  | 'scope_missing'
  | 'limit_exceeded'
  | 'agent_inactive'
> = {
  token_missing: {
    evidence: {},
    isBeforeBody: true,
    on: {
      ...everywhere((scene, cell) => ask(scene, cell, 'SendMessage', { token: '' })),
      'own routes': (scene) => askOwn(scene, 'GET /agents', { token: '' }),
    },
  },
  token_invalid: {
    evidence: { problem: 'expired' },
    isBeforeBody: true,
    on: {
      ...everywhere(async (scene, cell) => ask(scene, cell, 'SendMessage', { token: await expired(scene) })),
      'own routes': async (scene) => askOwn(scene, 'GET /agents', { token: await expired(scene) }),
    },
  },
  issuer_unavailable: {
    evidence: {},
    isBeforeBody: true,
    scene: darkScene,
    on: {
      ...everywhere(async (scene, cell) =>
        ask(scene, cell, 'SendMessage', { token: await tokenInTheDark(scene) }),
      ),
      'own routes': async (scene) => askOwn(scene, 'GET /agents', { token: await tokenInTheDark(scene) }),
    },
  },
  agent_forbidden: {
    evidence: {},
    isBeforeBody: true,
    on: {
      ...everywhere((scene, cell) => ask(scene, cell, 'SendMessage', { agentId: 'nobody' })),
      'own routes': (scene) => askOwn(scene, 'GET /agents/nobody/.well-known/agent-card.json'),
    },
  },
  operation_forbidden: {
    evidence: { operation: 'send' },
    on: {
      ...everywhere(async (scene, cell) => {
        await permit(scene as TestGateway, 'reader', { ...everything, operations: ['read'] });
        return ask(scene, cell, 'SendMessage', { token: await scene.issuer.token({ scope: 'reader' }) });
      }),
      'own routes': 'ask for scopes, not for permissions',
    },
  },
  skill_forbidden: {
    evidence: { problem: 'missing' },
    on: {
      ...everywhere(async (scene, cell) => {
        await permit(scene as TestGateway, 'skilled', { ...everything, allowedSkills: { agent: ['say'] } });
        return ask(scene, cell, 'SendMessage', { token: await scene.issuer.token({ scope: 'skilled' }) });
      }),
      'own routes': 'take no messages',
    },
  },
  limit_exceeded: {
    evidence: {
      limit: expect.stringMatching(/^(?:requests|discovery)PerMinute$/),
      allowed: '1',
      retryAfterSeconds: expect.stringMatching(/^[1-9]\d*$/),
    },
    isBeforeBody: true,
    scene: narrowScene,
    on: {
      ...everywhere(async (scene, cell) => {
        const token = await scene.issuer.token({ sub: cell, client_id: cell });
        scene.agent.script(answerJson({ error: {} }, 400));
        await ask(scene, 'HTTP+JSON 1.0', 'SendMessage', { token });
        return ask(scene, cell, 'SendMessage', { token });
      }),
      async 'own routes'(scene) {
        const token = await scene.issuer.token({ sub: 'who looks around' });
        await askOwn(scene, 'GET /agents', { token });
        return askOwn(scene, 'GET /agents', { token });
      },
    },
  },
  scope_missing: {
    evidence: { scope: 'gateway:admin' },
    on: {
      ...inNoCall('asks for permissions, not for scopes'),
      'own routes': async (scene) =>
        askOwn(scene, 'GET /admin/permissions', { token: await scene.issuer.token() }),
    },
  },
  agent_inactive: {
    evidence: { status: 'inactive' },
    isBeforeBody: true,
    on: {
      ...everywhere((scene, cell) => ask(scene, cell, 'SendMessage', { agentId: 'asleep' })),
      'own routes': management,
    },
  },
};

function expired({ issuer }: Scene): Promise<string> {
  return issuer.token({ exp: Math.floor(Date.now() / 1000) - 3_600 });
}

/** A gateway that lets each caller ask once a minute. */
async function narrowScene(): Promise<Scene> {
  const gateway = await gatewayWith({ callerLimits: { discoveryPerMinute: 1 } });
  await permit(gateway, 'demo', { ...everything, requestsPerMinute: 1 });
  return gateway;
}

/** A gateway that trusts an issuer that is down beside one that is up. */
async function darkScene(): Promise<Scene & { dark: TestIssuer }> {
  const dark = await startIssuer();
  dark.fail(true);
  const otherIssuers = [{ issuer: dark.issuer, audiences: ['https://gateway.test'] }];
  const gateway = await startGateway({ settings: { grpc: grpcSettings }, otherIssuers });
  return {
    ...gateway,
    dark,
    async close() {
      await gateway.close();
      await dark.close();
    },
  };
}

function tokenInTheDark(scene: Scene): Promise<string> {
  return (scene as Awaited<ReturnType<typeof darkScene>>).dark.token();
}
