import { regionPattern } from '../aws/arn.ts';
import { awsErrorType, awsFailure } from '../aws/errors.ts';
import { url } from '../limits.ts';
import { targetKind } from '../target.ts';
import { derivedOnly, onlyOrigin } from './derived.ts';

/** A function behind its own URL. */
export const lambdaUrl = targetKind({
  type: 'lambda_url',
  summary: 'A Lambda function behind its function URL.',
  notes:
    'With `AWS_IAM` as its authorization the URL takes `aws_sigv4`, whose identity needs `lambda:InvokeFunctionUrl` and ' +
    '`lambda:InvokeFunction`; region and service are known. The card is at `/.well-known/agent-card.json` unless ' +
    '`agentCardUrl` says another path. For streams the invoke mode of the URL must be `RESPONSE_STREAM`.',
  example: {
    type: 'lambda_url',
    functionUrl: 'https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-central-1.on.aws/',
  },
  members: { functionUrl: url.describe('URL of the function.') },
  problemWith({ functionUrl }, given) {
    const { agentCardUrl } = given;
    if (agentCardUrl !== undefined && !isAt(functionUrl, agentCardUrl))
      return { member: 'agentCardUrl', problem: 'must be on the origin of the function' };
    return derivedOnly(given);
  },
  locate({ functionUrl }, { agentCardUrl }) {
    const location = onlyOrigin(new URL(functionUrl).origin, '/.well-known/agent-card.json');
    // One on another origin is of the function this agent ran on before.
    const isGiven = agentCardUrl !== undefined && isAt(functionUrl, agentCardUrl);
    return isGiven ? { ...location, agentCardUrl } : location;
  },
  cardNeedsCredential: () => true,
  signing({ functionUrl }) {
    const region = /^[a-z0-9]+\.lambda-url\.([a-z0-9-]+)\.on\.aws$/.exec(new URL(functionUrl).hostname)?.[1];
    return region !== undefined && regionPattern.test(region) ? { region, service: 'lambda' } : undefined;
  },
  async fromBackend(response) {
    if (response.status < 400 || awsErrorType(response) === undefined) return response;
    response.close();
    throw awsFailure(response);
  },
});

function isAt(functionUrl: string, address: string): boolean {
  return new URL(functionUrl).origin === new URL(address).origin;
}
