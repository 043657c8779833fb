import { expect } from 'vitest';
import type { FailureCode } from '../../src/failure.ts';
import { maxRevocations } from '../../src/http/routes/admin-revocations.ts';
import { permit, register, type TestGateway } from '../support/gateway.ts';
import { creation } from '../support/push-speech.ts';
import { post, takePushes } from '../support/pushing-agent.ts';
import { startRelayStand } from '../support/relay-stand.ts';
import { answerJson, cardAt } from '../support/scripted-agent.ts';
import { ask, askOwn, type Scene, type Told, toldOverHttp } from './ask.ts';
import { type EvidenceOf, inNoCall, only, type Provocation, type Provocations } from './provocation.ts';
import { everything, gatewayWith, inFile, loseTable, setStatus } from './scenes.ts';

const isManaged = 'is for the management alone';

type Given = { body?: unknown; headers?: Record<string, string>; card?: Record<string, unknown> };

/** What only the management can meet. @param line method and path */
function managed<Code extends FailureCode>(
  evidence: EvidenceOf<Code>,
  line: string,
  given: (scene: Scene) => Given | Promise<Given> = () => ({}),
): Provocation<Code> {
  return {
    evidence,
    on: {
      ...inNoCall(isManaged),
      'own routes': async (scene) => {
        const { card, ...asked } = await given(scene);
        if (card !== undefined) scene.agent.card(card);
        try {
          return await askOwn(scene, line, asked);
        } finally {
          scene.agent.card(cardAt(scene.agent.url));
        }
      },
    },
  };
}

const registration = ({ agent }: Scene, members: object = {}) => ({
  agentId: 'another',
  agentCardUrl: agent.cardUrl,
  ...members,
});

/** The registry, and the search of it. */
export const ofRegistry: Provocations<
  | 'agent_not_found'
  | 'agent_exists'
  | 'agent_not_servable'
  | 'permission_not_found'
  | 'dead_letter_not_found'
  | 'revocation_not_found'
  | 'revocations_full'
  | 'precondition_required'
  | 'precondition_failed'
  | 'card_unavailable'
  | 'card_invalid'
  | 'card_not_found'
  | 'card_untrusted'
  | 'search_disabled'
  | 'search_unavailable'
> = {
  agent_not_found: managed<'agent_not_found'>({}, 'GET /admin/agents/nobody'),
  agent_exists: managed<'agent_exists'>({}, 'POST /admin/agents', (scene) => ({
    body: registration(scene, { agentId: 'agent' }),
  })),
  agent_not_servable: {
    evidence: { problem: expect.stringContaining('interface') },
    on: {
      ...inNoCall('is told that the agent is not active: such a one never is'),
      async 'own routes'(scene) {
        const strange = { url: scene.agent.url, protocolBinding: 'urn:strange', protocolVersion: '1.0' };
        scene.agent.card(cardAt(scene.agent.url, { supportedInterfaces: [strange] }));
        await register(scene as TestGateway, { agentId: 'strange' });
        return toldOverHttp('HTTP+JSON', await setStatus(scene, 'strange', 'active'));
      },
    },
  },
  permission_not_found: managed<'permission_not_found'>({}, 'GET /admin/permissions/nothing'),
  dead_letter_not_found: managed<'dead_letter_not_found'>({}, 'DELETE /admin/push/dead-letters/nothing'),
  revocation_not_found: managed<'revocation_not_found'>({}, 'GET /admin/revocations/nothing'),
  revocations_full: {
    evidence: { maxRevocations: String(maxRevocations) },
    scene: fullScene,
    on: {
      ...inNoCall(isManaged),
      'own routes': (scene) =>
        askOwn(scene, 'POST /admin/revocations', {
          body: { kind: 'principal', issuer: scene.issuer.issuer, subject: 'mallory' },
        }),
    },
  },
  precondition_required: managed<'precondition_required'>({}, 'PATCH /admin/agents/agent', () => ({
    body: { tags: ['x'] },
  })),
  precondition_failed: managed<'precondition_failed'>({}, 'PATCH /admin/agents/agent', () => ({
    body: { tags: ['x'] },
    headers: { 'if-match': '"0"' },
  })),
  card_unavailable: managed<'card_unavailable'>({ problem: 'status_404' }, 'POST /admin/agents', (scene) => {
    scene.agent.script(answerJson({ inside: 'http://10.0.0.7/' }, 404));
    return { body: registration(scene, { agentCardUrl: `${scene.agent.url}/no-card.json` }) };
  }),
  card_invalid: managed<'card_invalid'>(
    { path: '/name', problem: expect.any(String) },
    'POST /admin/agents',
    (scene) => ({ body: registration(scene), card: cardAt(scene.agent.url, { name: 7 }) }),
  ),
  card_not_found: managed<'card_not_found'>({}, 'GET /admin/agents/agent/candidate'),
  card_untrusted: managed<'card_untrusted'>({ verdict: 'unsigned' }, 'POST /admin/agents', async (scene) => {
    const { keys } = (await (await scene.fetch('/.well-known/jwks.json')).json()) as { keys: object[] };
    return { body: registration(scene, { cardSignatures: { policy: 'require', keys } }) };
  }),
  search_disabled: {
    evidence: {},
    on: {
      ...inNoCall('there is no directory to call then: it looks like any agent that is not there'),
      'own routes': (scene) => askOwn(scene, 'POST /search', { body: { query: 'x' } }),
    },
  },
  search_unavailable: {
    evidence: { problem: 'index' },
    scene: async () => {
      const gateway = await gatewayWith({ search: { enabled: true } });
      await askOwn(gateway, 'POST /search', { body: { query: 'the first makes the file' } }).catch(() => {});
      loseTable(gateway, 'changes', 'search.db');
      return gateway;
    },
    on: {
      ...only(
        ['JSON-RPC 1.0', 'HTTP+JSON 1.0', 'gRPC 1.0'],
        (scene, cell) => ask(scene, cell, 'SendMessage', { agentId: 'directory' }),
        'the directory speaks 1.0 alone',
      ),
      'own routes': (scene) => askOwn(scene, 'POST /search', { body: { query: 'x' } }),
    },
  },
};

/** As many principals are revoked as may be. */
async function fullScene(): Promise<Scene> {
  const gateway = await gatewayWith();
  inFile(gateway, (driver) =>
    driver.exec(`
      WITH RECURSIVE revoked (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM revoked WHERE n < ${maxRevocations})
      INSERT INTO revocations (revocation_id, kind, issuer, id, document)
      SELECT 'r-' || n, 'principal', 'x', n,
        json_object('revocationId', 'r-' || n, 'kind', 'principal', 'issuer', 'x', 'id', '' || n) FROM revoked`),
  );
  return gateway;
}

const posts = 'is what an agent posts, and no call';

function webhook<Code extends FailureCode>(
  evidence: EvidenceOf<Code>,
  act: (scene: Scene) => Promise<Told>,
): Provocation<Code> {
  return { evidence, scene: relayScene, on: { ...inNoCall(posts), 'own routes': act } };
}

/** What an agent posts. */
export const ofWebhooks: Provocations<'webhook_unknown' | 'webhook_busy' | 'notification_refused'> = {
  webhook_unknown: webhook<'webhook_unknown'>({}, async (scene) => {
    const { url } = await webhookOf(scene);
    return toldOverHttp('HTTP+JSON', await post({ url, credentials: 'guessed' }, update('t-1')));
  }),
  webhook_busy: webhook<'webhook_busy'>(
    { retryAfterSeconds: expect.stringMatching(/^\d+$/) },
    async (scene) => {
      const given = await webhookOf(scene);
      for (let posted = 0; posted < 20; posted++) {
        const answer = await post(given, update('t-1'));
        if (answer.status !== 204) return toldOverHttp('HTTP+JSON', answer);
      }
      throw new Error('never busy');
    },
  ),
  notification_refused: webhook<'notification_refused'>({ problem: 'task' }, async (scene) =>
    toldOverHttp('HTTP+JSON', await post(await webhookOf(scene), update('t-2'))),
  ),
};

const update = (taskId: string) => ({
  statusUpdate: { taskId, contextId: 'ctx-1', status: { state: 'TASK_STATE_WORKING' } },
});

interface RelayScene extends Scene {
  hookUrl: string;
}

async function relayScene(): Promise<RelayScene> {
  const stand = await startRelayStand({
    registration: null,
    settings: { push: { upstream: { allowHttp: true, allowAddresses: ['127.0.0.0/8'] }, maxWaiting: 2 } },
  });
  const { gateway, receiver } = stand;
  await register(gateway, { ownership: 'principal' });
  await permit(gateway, 'demo', everything);
  receiver.answer(() => 503);
  return { ...gateway, hookUrl: `${receiver.url}/hook`, close: stand.close };
}

/** The webhook that the agent was given in place of alice's. */
async function webhookOf(scene: Scene): Promise<{ url: string; credentials: string }> {
  const { hookUrl } = scene as RelayScene;
  const agent = takePushes(scene.agent);
  const call = (operation: string, params?: object) =>
    scene.fetch('/agents/agent', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: operation, params }),
    });
  await call('SendMessage', { message: { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'x' }] } });
  await call('CreateTaskPushNotificationConfig', creation('JSON-RPC 1.0', { id: 'c-1', url: hookUrl }));
  const [given] = agent.given;
  if (given === undefined) throw new Error('the agent was given no webhook');
  return given;
}
