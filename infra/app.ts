import { App } from 'aws-cdk-lib';
import { propsOfContext } from './context.ts';
import { A2AGatewayStack } from './stack.ts';

const app = new App();
const props = propsOfContext(app);
const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
const { environment = 'default' } = props;

new A2AGatewayStack(app, `a2a-gateway-${environment}`, {
  gateway: props,
  ...(account !== undefined && region !== undefined && { env: { account, region } }),
});
