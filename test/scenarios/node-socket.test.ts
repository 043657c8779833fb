import { startGateway } from '../support/gateway.ts';
import { fetchAt } from './cast.ts';
import { scenarioSuite } from './scenarios.ts';

const maxBodyBytes = 65_536;

scenarioSuite('on a Node socket', async () => {
  const publicUrl = 'https://agents.test';
  const settings = { publicUrl, limits: { maxBodyBytes }, search: {} };
  const { url, issuer, agent, close } = await startGateway({ settings, registration: null });
  const fetch = fetchAt(url);
  return { publicUrl, issuer, agent, maxBodyBytes, fetch, close, searches: true };
});
