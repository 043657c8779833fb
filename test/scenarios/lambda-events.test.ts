import { createRouter } from '../../src/http/router.ts';
import { routes } from '../../src/http/routes.ts';
import { createAnswerer } from '../../src/runtimes/lambda/answer-event.ts';
import { createBufferedHandler } from '../../src/runtimes/lambda/buffered.ts';
import { createStreamingHandler } from '../../src/runtimes/lambda/stream.ts';
import { contextWith, eventOf, invoke, responseOf } from '../support/lambda-events.ts';
import { publicUrl, startStand } from '../support/stand.ts';
import { scenarioSuite } from './scenarios.ts';

const maxBodyBytes = 65_536;

/** As API Gateway would choose: what speaks to agents streams, all else is answered in one piece. */
function isForDataPlane({ method, url }: Request): boolean {
  const match = createRouter(routes, '/agents')(method === 'HEAD' ? 'GET' : method, new URL(url).pathname);
  return match.ok ? match.value.route.access === 'own' : false;
}

/** Two functions with a gateway each, so that one learns late what the other wrote. */
scenarioSuite('behind Lambda events', async () => {
  const stand = await startStand({ limits: { maxBodyBytes } });
  const { log, issuer, agent, close } = stand;
  const [dataPlane, management] = await Promise.all(
    [0, 1].map(async () => createAnswerer({ gateway: await stand.gateway(), publicUrl, log })),
  );
  if (dataPlane === undefined || management === undefined) throw new TypeError('two of them were made');
  const streaming = createStreamingHandler({ answer: dataPlane, log });
  const buffered = createBufferedHandler({ answer: management, log });
  return {
    publicUrl,
    issuer,
    agent,
    maxBodyBytes,
    async fetch(path, init = {}) {
      const request = new Request(`https://edge.test${path}`, init);
      const event = await eventOf(request);
      if (!isForDataPlane(request)) return responseOf(await buffered(event, contextWith()));
      return invoke(streaming, event, { signal: request.signal }).response;
    },
    settle: async () => stand.forget(),
    close,
  };
});
