import { afterAll, beforeAll, describe, it } from 'vitest';
import type { CredentialProblem } from '../../src/failure.ts';
import { cells } from '../requirements/clause.ts';
import { register, type TestGateway } from '../support/gateway.ts';
import { answerJson, cardAt } from '../support/scripted-agent.ts';
import { ask } from './ask.ts';
import { expectTold } from './check.ts';
import { inFile, standScene } from './scenes.ts';

/** Every reason the gateway has no credential to present, told alike in every way to speak: one without a case does not compile. */

let scene: Awaited<ReturnType<typeof standScene>>;

beforeAll(async () => {
  scene = await standScene();
});
afterAll(() => scene.close());

const clientCredentials = (members: Record<string, unknown> = {}) => ({
  ...{ type: 'oauth2_client_credentials', tokenUrl: `${scene.agent.url}/token` },
  ...{ clientId: 'gateway', clientSecret: 'a-secret', scopes: ['invoke'], ...members },
});

const assertion = (members: Record<string, unknown>) => ({
  ...{
    type: 'oauth2_jwt_bearer',
    tokenUrl: `${scene.agent.url}/token`,
    issuer: 'gateway',
    algorithm: 'ES256',
  },
  ...{ privateKey: '-----BEGIN PRIVATE KEY-----\nnone\n-----END PRIVATE KEY-----', ...members },
});

interface Case {
  authConfig(): Record<string, unknown>;
  /** What happens once the agent is registered. */
  once?(): void;
}

const cases: Readonly<Record<CredentialProblem, Case>> = {
  secret: {
    authConfig: clientCredentials,
    once: () => inFile(scene.stand.settings, (driver) => driver.exec('DELETE FROM secrets')),
  },
  token_endpoint: {
    authConfig: clientCredentials,
    once: () => scene.agent.script((_, response) => response.destroy()),
  },
  token_refused: {
    authConfig: clientCredentials,
    once: () => scene.agent.script(answerJson({ error: 'invalid_client' }, 401)),
  },
  token_answer: { authConfig: clientCredentials, once: () => scene.agent.script(answerJson({ none: true })) },
  caller: { authConfig: () => assertion({ subjectFrom: 'caller', callerIssuer: 'https://another.test' }) },
  key: { authConfig: () => assertion({}) },
  // The gateway of this scene runs without AWS.
  aws: { authConfig: () => ({ type: 'aws_sigv4', region: 'eu-central-1', service: 'execute-api' }) },
};

describe.each(Object.entries(cases))('no credential because of %s', (problem, { authConfig, once }) => {
  const agentId = problem.replace('_', '-');

  beforeAll(async () => {
    scene.agent.card(cardAt(scene.agent.url));
    // As much of a gateway as registering needs.
    await register(scene as unknown as TestGateway, { agentId, authConfig: authConfig() });
    once?.();
  });

  it.each(cells)('is told so: %s', async (cell) => {
    const told = await ask(scene, cell, 'SendMessage', { agentId });
    expectTold({ code: 'credential_unavailable', evidence: { problem } }, told);
  });
});
