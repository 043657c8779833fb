import * as z from 'zod';
import { parseUrl } from '../../parse-url.ts';
import { type AwsArn, parseArn, serviceOrigin } from '../aws/arn.ts';
import { awsFailure, functionFailed } from '../aws/errors.ts';
import { httpEvent } from '../aws/lambda/event.ts';
import { url } from '../limits.ts';
import { targetKind } from '../target.ts';
import { derivedOnly, onlyOrigin } from './derived.ts';

const encoder = new TextEncoder();

/** A function, invoked by the Lambda API. */
export const lambda = targetKind({
  type: 'lambda',
  summary:
    'A Lambda function that answers HTTP events, invoked by the Lambda API: it needs no URL of its own.',
  notes:
    'The function gets each request as an event of payload format 2.0, the one of function URLs. It answers as a stream ' +
    '(`awslambda.HttpResponseStream`) or with `statusCode`, `headers` and `body`. Its card is asked for at ' +
    '`/.well-known/agent-card.json`; of the URLs in the card only the paths count. The identity that signs needs ' +
    '`lambda:InvokeFunction`. A request is at most 6 MB. A function that runs on after its caller has left is not ended: ' +
    'Lambda has no call for that.',
  example: {
    type: 'lambda',
    functionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:my-agent',
    qualifier: 'live',
  },
  members: {
    functionArn: z
      .string()
      .refine((text) => functionOf(text) !== undefined, { error: 'must be the ARN of a Lambda function' })
      .describe('ARN of the function, without a version or alias.'),
    qualifier: z
      .string()
      .regex(/^(?:\$LATEST|[A-Za-z0-9_-]{1,128})$/)
      .optional()
      .describe('Version or alias. Default: the unpublished version.'),
    endpointUrl: url
      .optional()
      .describe('Where the Lambda API is, such as a VPC endpoint. Default: by the ARN.'),
  },
  credentials: ['aws_sigv4'],
  problemWith: (_, given) => derivedOnly(given),
  locate: (members) => onlyOrigin(originOf(members), '/.well-known/agent-card.json'),
  cardNeedsCredential: () => true,
  credentialPlace: (members) => `${functionUrlOf(members)}/`,
  adoptCard(card, members) {
    const origin = originOf(members);
    const supportedInterfaces = card.supportedInterfaces.flatMap((entry) => {
      const url = entry.protocolBinding === 'GRPC' ? undefined : parseUrl(entry.url);
      return url === undefined ? [] : [{ ...entry, url: origin + url.pathname + url.search }];
    });
    return { ...card, supportedInterfaces };
  },
  signing: ({ functionArn }) => ({ region: arnOf(functionArn).region, service: 'lambda' }),
  toBackend(request, members, call) {
    const { qualifier } = members;
    const at = new URL(`${functionUrlOf(members)}/response-streaming-invocations`);
    if (qualifier !== undefined) at.searchParams.set('Qualifier', qualifier);
    const body = encoder.encode(JSON.stringify(httpEvent(request, call)));
    const headers = { 'content-type': 'application/json', accept: 'application/vnd.amazon.eventstream' };
    return { ...request, method: 'POST', url: at, headers, body };
  },
  async fromBackend(response) {
    const functionError = response.header('x-amz-function-error');
    if (response.status === 200 && functionError === undefined) {
      // What decodes event streams is loaded by those alone who invoke functions.
      const { functionAnswer } = await import('../aws/lambda/answer.ts');
      return functionAnswer(response);
    }
    response.close();
    throw functionError === undefined ? awsFailure(response) : functionFailed('error');
  },
});

function functionOf(text: string): AwsArn | undefined {
  const arn = parseArn(text);
  const isFunction = arn?.service === 'lambda' && /^function:[A-Za-z0-9_-]{1,64}$/.test(arn.resource);
  return isFunction ? arn : undefined;
}

/** The members were parsed. */
function arnOf(functionArn: string): AwsArn {
  const arn = functionOf(functionArn);
  if (arn === undefined) throw new TypeError('not the ARN of a function');
  return arn;
}

interface FunctionMembers {
  functionArn: string;
  endpointUrl?: string | undefined;
}

/** Where the Lambda API has the function. */
function functionUrlOf(members: FunctionMembers): string {
  return `${originOf(members)}/2021-11-15/functions/${encodeURIComponent(members.functionArn)}`;
}

function originOf({ functionArn, endpointUrl }: FunctionMembers): string {
  return endpointUrl === undefined
    ? serviceOrigin('lambda', arnOf(functionArn))
    : new URL(endpointUrl).origin;
}
