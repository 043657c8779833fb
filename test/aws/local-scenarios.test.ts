import { setTimeout } from 'node:timers/promises';
import { Duration } from 'aws-cdk-lib';
import { startLocalAws } from '../../aws-local/local-aws.ts';
import { fetchAt } from '../scenarios/cast.ts';
import { scenarioSuite } from '../scenarios/scenarios.ts';
import { startIssuer, testAudience } from '../support/issuer.ts';
import { startScriptedAgent } from '../support/scripted-agent.ts';
import { describeWith } from './tools.ts';

const maxBodyBytes = 65_536;
/** How long API Gateway keeps a policy, here. */
const cacheSeconds = 1;
/** The core keeps what it read for two seconds. */
const settleMs = 2_000 + cacheSeconds * 1_000;

describeWith(['java', 'moto'], 'aws:local', () => {
  scenarioSuite('on aws:local', async () => {
    const [issuer, agent] = await Promise.all([startIssuer(), startScriptedAgent()]);
    const aws = await startLocalAws({
      port: 0,
      environment: process.env,
      examples: false,
      issuers: [{ issuer: issuer.issuer, audiences: [testAudience] }],
      settings: { A2A_GATEWAY_LIMITS_MAX_BODY_BYTES: String(maxBodyBytes) },
      authorizerResultsCacheTtl: Duration.seconds(cacheSeconds),
      print: () => {},
    });
    return {
      publicUrl: aws.url,
      searches: true,
      fetch: fetchAt(aws.url),
      issuer,
      agent,
      maxBodyBytes,
      settle: () => setTimeout(settleMs),
      differences: {
        refusalsAtTheEdge: 'the authorizer refuses what the core would, and gateway responses answer for it',
        routesAtTheEdge:
          'API Gateway knows the routes too, HEAD is a method of its own there, and none is made',
      },
      async close() {
        await aws.close();
        await Promise.all([issuer.close(), agent.close()]);
      },
    };
  });
});
