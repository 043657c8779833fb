import * as z from 'zod';
import { regionPattern } from '../aws/arn.ts';
import { signable } from '../aws/signable.ts';
import type { AwsIdentity } from '../aws/signer.ts';
import { credentialKind, type MemberProblem } from '../credential.ts';
import { secretText } from '../limits.ts';
import type { OutgoingRequest } from '../request.ts';

/** AWS Signature Version 4 over the whole request. */
export const awsSigV4 = credentialKind({
  type: 'aws_sigv4',
  summary: 'A signature of AWS (Signature Version 4) over the whole request: headers, query and body.',
  notes:
    'Signed as the gateway itself, in the name of a role the gateway assumes (`roleArn`, session name `a2a-gateway`), ' +
    'or with keys of its owner (`accessKeyId` and its secrets). The role or identity must be allowed to call the backend. ' +
    '`region` and `service` may be left out where the kind of backend knows them. Temporary credentials are renewed ' +
    'before they expire. A signature holds for one host: whoever receives it can use it nowhere else.',
  example: {
    type: 'aws_sigv4',
    region: 'eu-central-1',
    service: 'execute-api',
    roleArn: 'arn:aws:iam::123456789012:role/calls-agents',
    externalId: 'gateway',
  },
  members: {
    region: z.string().regex(regionPattern).optional().describe('Region the request is signed for.'),
    service: z
      .string()
      .regex(/^[a-z0-9-]{1,64}$/)
      .optional()
      .describe('Service the request is signed for, such as `execute-api`.'),
    roleArn: z
      .string()
      .regex(/^arn:aws(?:-cn|-us-gov)?:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/)
      .optional()
      .describe('Role the gateway assumes. Default: it signs as itself.'),
    externalId: z
      .string()
      .regex(/^[\w+=,.@:/-]{2,1224}$/)
      .optional()
      .describe("What the role's trust policy asks for, against confused deputies."),
    accessKeyId: z
      .string()
      .regex(/^\w{16,128}$/)
      .optional()
      .describe('Access key of its owner, in place of an identity of the gateway.'),
  },
  secrets: {
    secretAccessKey: secretText.optional().describe('Secret of the access key.'),
    sessionToken: secretText.optional().describe('Session the access key is of, if it is temporary.'),
  },
  problemWith,
  notOverGrpc: () => 'a signature of AWS',
  borrows: ({ accessKeyId }) => (accessKeyId === undefined ? 'gateway' : undefined),
  open: ({ aws }) => ({
    async apply(request, { members, secrets }, refused) {
      const { region, service } = members;
      // `checkGiven` lets nothing be registered without them.
      if (region === undefined || service === undefined) throw new TypeError('nothing to sign for');
      const plain = signable(request);
      const refusedKey = refused && accessKeyOf(refused);
      const added = await aws.sign(plain, { region, service }, identityOf(members, secrets), refusedKey);
      const signed = { ...plain, headers: { ...plain.headers, ...added } };
      return refusedKey !== undefined && accessKeyOf(signed) === refusedKey ? undefined : signed;
    },
    expiresAtMs: ({ members, secrets }) => aws.expiresAtMs(identityOf(members, secrets)),
  }),
});

interface Members {
  roleArn?: string | undefined;
  externalId?: string | undefined;
  accessKeyId?: string | undefined;
}

interface Secrets {
  secretAccessKey?: string | undefined;
  sessionToken?: string | undefined;
}

function problemWith(given: Members & Secrets): MemberProblem | undefined {
  const { roleArn, externalId, accessKeyId, secretAccessKey, sessionToken } = given;
  if (externalId !== undefined && roleArn === undefined)
    return { member: 'externalId', problem: 'needs roleArn' };
  if (accessKeyId === undefined) {
    const member = secretAccessKey !== undefined ? 'secretAccessKey' : 'sessionToken';
    const isAlone = secretAccessKey !== undefined || sessionToken !== undefined;
    return isAlone ? { member, problem: 'needs accessKeyId' } : undefined;
  }
  if (secretAccessKey === undefined)
    return { member: 'secretAccessKey', problem: 'required with accessKeyId' };
  return roleArn === undefined ? undefined : { member: 'roleArn', problem: 'excludes accessKeyId' };
}

function identityOf({ roleArn, externalId, accessKeyId }: Members, secrets: Secrets): AwsIdentity {
  if (accessKeyId !== undefined) {
    const { secretAccessKey = '', sessionToken } = secrets;
    return { kind: 'keys', accessKeyId, secretAccessKey, sessionToken };
  }
  return roleArn === undefined ? { kind: 'own' } : { kind: 'role', roleArn, externalId };
}

/** The access key a signature is of: public, and another with every renewal of temporary credentials. */
function accessKeyOf({ headers }: OutgoingRequest): string | undefined {
  return /\bCredential=([^/\s,]+)\//.exec(headers.authorization ?? '')?.[1];
}
