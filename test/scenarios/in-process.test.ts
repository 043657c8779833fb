import { startSearchStand } from '../support/search-stand.ts';
import { scenarioSuite } from './scenarios.ts';

const maxBodyBytes = 65_536;
const publicUrl = 'https://agents.test';

scenarioSuite('as a function', async () => {
  const { gateway, issuer, agent, close } = await startSearchStand({ limits: { maxBodyBytes } });
  return {
    ...{ publicUrl, issuer, agent, maxBodyBytes, close, searches: true },
    fetch: (path, init) => gateway(new Request(publicUrl + path, init)),
  };
});
