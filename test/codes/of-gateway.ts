import { cardAt, nextCall } from '../support/scripted-agent.ts';
import { ask, askOwn, type Scene, toldOverHttp } from './ask.ts';
import { everywhere, inNoCall, type Provocations } from './provocation.ts';
import { gatewayWith, loseTable, standScene } from './scenes.ts';

const ofApiGateway = 'API Gateway alone answers it, before the gateway: test/codes/edge.test.ts';
const ofEdge = { evidence: {}, on: { ...inNoCall(ofApiGateway), 'own routes': ofApiGateway } };

/** What stands before the gateway, and the gateway itself. */
export const ofGateway: Provocations<
  | 'request_throttled'
  | 'request_filtered'
  | 'request_refused'
  | 'gateway_unavailable'
  | 'caller_left'
  | 'store_unavailable'
  | 'signing_unavailable'
  | 'shutting_down'
  | 'internal'
> = {
  request_throttled: ofEdge,
  request_filtered: ofEdge,
  request_refused: ofEdge,
  gateway_unavailable: ofEdge,
  caller_left: {
    evidence: {},
    on: {
      ...everywhere(async (scene, cell) => {
        const held = nextCall(scene.agent);
        const leaving = new AbortController();
        const asked = ask(scene, cell, 'SendMessage', { signal: leaving.signal });
        const { closed } = await held;
        leaving.abort();
        await asked.catch(() => {});
        await closed;
        return undefined;
      }),
      'own routes': 'end without a word when their caller leaves: they wait for no agent',
    },
  },
  store_unavailable: {
    evidence: {},
    isBeforeBody: true,
    scene: async () => {
      const gateway = await gatewayWith();
      loseTable(gateway, 'permissions');
      return gateway;
    },
    on: {
      ...everywhere(async (scene, cell) =>
        // Of a scope that nobody asked for yet: what was read of others is remembered for a while.
        ask(scene, cell, 'SendMessage', { token: await scene.issuer.token({ scope: `unread-${cell[0]}` }) }),
      ),
      'own routes': (scene) => askOwn(scene, 'GET /admin/permissions'),
    },
  },
  signing_unavailable: {
    evidence: {},
    scene: async () => {
      const gateway = await gatewayWith();
      loseTable(gateway, 'secrets');
      return gateway;
    },
    on: {
      ...everywhere(
        async (scene, cell) => {
          scene.agent.script(answerExtended);
          return ask(scene, cell, 'GetExtendedAgentCard');
        },
        { 'gRPC 0.3': 'has no signatures in its cards' },
      ),
      'own routes': async ({ fetch }) =>
        toldOverHttp('HTTP+JSON', await fetch('/agents/agent/.well-known/agent-card.json')),
    },
  },
  shutting_down: {
    evidence: {},
    scene: async () => {
      const scene = await standScene();
      await scene.stand.closeWaysOut();
      return scene;
    },
    on: {
      ...everywhere((scene, cell) => ask(scene, cell, 'SendMessage')),
      'own routes': 'that fetch a card say card_unavailable; the others need nobody who is gone',
    },
  },
  internal: {
    evidence: {},
    isBeforeBody: true,
    scene: () =>
      standScene({
        worn: (store) => ({
          ...store,
          permissions: { ...store.permissions, get: unforeseen, list: unforeseen },
        }),
      }),
    on: {
      ...everywhere((scene, cell) => ask(scene, cell, 'SendMessage')),
      'own routes': async (scene) => {
        const token = await scene.issuer.token({ scope: 'gateway:admin' });
        const headers = { authorization: `Bearer ${token}` };
        return toldOverHttp('HTTP+JSON', await scene.fetch('/admin/permissions', { headers }));
      },
    },
  },
};

async function unforeseen(): Promise<never> {
  throw new RangeError('sqlite: something at /src/store/inside.ts:1:1 that nobody foresaw');
}

const answerExtended: Parameters<Scene['agent']['script']>[0] = ({ body }, response) => {
  const { id } = body === '' ? { id: undefined } : (JSON.parse(body) as { id: unknown });
  const card = extendedCard(response.req.headers.host ?? '');
  const text = JSON.stringify(id === undefined ? card : { jsonrpc: '2.0', id, result: card });
  response.writeHead(200, { 'content-type': 'application/json' }).end(text);
};

const extendedCard = (host: string) => cardAt(`http://${host}`);
