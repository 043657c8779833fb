import { type aws_iam as iam, type aws_lambda as lambda, Token } from 'aws-cdk-lib';
import type { A2AGatewayProps } from './props.ts';
import { allow } from './statements.ts';

/** What agents run on and AWS lets nobody reach without being told: the gateway's own name is let reach just these. */
export interface Backends {
  readonly runtimeArns: readonly string[];
  readonly functions: readonly lambda.IFunction[];
  readonly roleArns: readonly string[];
  readonly apiArns: readonly string[];
}

/** A resource that is named by a pattern, and why. */
export interface Wildcard {
  readonly resource: string;
  readonly reason: string;
}

export function backendsOf({
  agentRuntimeArns: runtimeArns = [],
  backendFunctions: functions = [],
  assumableRoleArns: roleArns = [],
  signedApiArns: apiArns = [],
}: A2AGatewayProps): Backends {
  return { runtimeArns, functions, roleArns, apiArns };
}

/**
 * Calls to agents, or fetches of their cards. AgentCore tells these apart; everywhere else a card is had by a call.
 * Deny by default: no statement for what is not named.
 */
export function backendStatements(
  { runtimeArns, functions, roleArns, apiArns }: Backends,
  what: 'calls' | 'cards',
): iam.PolicyStatement[] {
  const ofRuntimes = what === 'calls' ? 'InvokeAgentRuntime' : 'GetAgentCard';
  const grants: [actions: string[], resources: string[]][] = [
    [[`bedrock-agentcore:${ofRuntimes}`], runtimeArns.flatMap((arn) => [arn, endpointsOf(arn)])],
    // A function URL asks for both, and a direct call for the second.
    [
      ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'],
      functions.flatMap(({ resourceArnsForGrantInvoke }) => resourceArnsForGrantInvoke),
    ],
    [['sts:AssumeRole'], [...roleArns]],
    [['execute-api:Invoke'], [...apiArns]],
  ];
  return grants.flatMap(([actions, resources]) =>
    resources.length === 0 ? [] : [allow(actions, resources)],
  );
}

/** Patterns among the resources of `backendStatements`. */
export function backendWildcards({ runtimeArns, functions, apiArns }: Backends): Wildcard[] {
  const ofFunctions = functions.flatMap(({ resourceArnsForGrantInvoke }) => resourceArnsForGrantInvoke);
  return [
    ...reasoned(
      runtimeArns.map(endpointsOf),
      'Agents name the endpoint of their runtime when they are registered.',
    ),
    ...reasoned(ofFunctions, 'Agents name the version or alias of their function when they are registered.'),
    ...reasoned(apiArns, 'Whoever deploys names which paths of the API the gateway may call.'),
  ];
}

function reasoned(resources: readonly string[], reason: string): Wildcard[] {
  return resources.filter((resource) => resource.includes('*')).map((resource) => ({ resource, reason }));
}

function endpointsOf(runtimeArn: string): string {
  return `${runtimeArn}/runtime-endpoint/*`;
}

/** One runtime, one role, and the paths of one API: a pattern in their place would let in what nobody named. */
const forms = {
  agentRuntimeArns: /^arn:[\w-]+:bedrock-agentcore:[a-z\d-]+:\d{12}:runtime\/[\w-]+$/,
  assumableRoleArns: /^arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/,
  signedApiArns: /^arn:[\w-]+:execute-api:[a-z\d-]+:\d{12}:[a-z\d]+\/\S+$/,
} as const;

/** @throws TypeError that quotes an ARN that is none, or of something else */
export function checkBackends(props: A2AGatewayProps): void {
  for (const name of ['agentRuntimeArns', 'assumableRoleArns', 'signedApiArns'] as const) {
    const wrong = props[name]?.find((arn) => !Token.isUnresolved(arn) && !forms[name].test(arn));
    if (wrong !== undefined)
      throw new TypeError(`${name}: ${JSON.stringify(wrong)} is not such an ARN, or names more than one`);
  }
}
