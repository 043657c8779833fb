import { publicUrl, startStand } from '../support/stand.ts';
import { scenarioSuite } from './scenarios.ts';

const maxBodyBytes = 65_536;

scenarioSuite('as a function', async () => {
  const stand = await startStand({ publicUrl: new URL(publicUrl).origin, limits: { maxBodyBytes } });
  const gateway = await stand.gateway();
  const { issuer, agent, close } = stand;
  const { origin } = new URL(publicUrl);
  return {
    publicUrl: origin,
    issuer,
    agent,
    maxBodyBytes,
    fetch: (path, init) => gateway(new Request(origin + path, init)),
    close,
  };
});
