/**
 * A gateway in a CDK app of one's own, with an agent and a permission as code:
 *
 *   npm run bundle && npx cdk synth --app 'node --import tsx examples/aws-stack.ts'
 */
import { App, Stack, aws_secretsmanager as secretsmanager } from 'aws-cdk-lib';
// In a project of your own: from 'a2a-gateway/cdk'.
import { A2AGateway } from '../infra/index.ts';

const app = new App();
const stack = new Stack(app, 'Agents');

new A2AGateway(stack, 'Gateway', {
  environment: 'staging',
  scopes: ['finance'],
  clients: [
    { name: 'admin', scopes: ['gateway:admin'] },
    { name: 'ledger', scopes: ['finance'] },
  ],
  agents: [
    {
      agentId: 'billing',
      agentCardUrl: 'https://billing.example.com/.well-known/agent-card.json',
      tags: ['finance'],
      authConfig: {
        type: 'oauth2_client_credentials',
        tokenUrl: 'https://login.example.com/token',
        clientId: 'gateway',
        clientSecret: secretsmanager.Secret.fromSecretNameV2(stack, 'BillingSecret', 'billing-client'),
      },
    },
  ],
  permissions: [{ scope: 'finance', allowedAgents: ['tag:finance'] }],
});
