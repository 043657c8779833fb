import { Aws, aws_cognito as cognito, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { adminScope, registerScope } from '../src/access/principal.ts';
import type { A2AGatewayProps, Issuer, MachineClient } from './props.ts';

/** The stack's own token issuer: machine clients and no users. */
export interface Identity {
  readonly userPool: cognito.UserPool;
  readonly clients: Readonly<Record<string, cognito.UserPoolClient>>;
  readonly tokenEndpoint: string;
  readonly issuer: Issuer;
}

const defaultClients: readonly MachineClient[] = [{ name: 'owner', scopes: [registerScope] }];

/** Undefined where issuers are given. */
export function createIdentity(
  scope: Construct,
  props: A2AGatewayProps,
  environment: string,
): Identity | undefined {
  if (props.issuers !== undefined) return undefined;
  const { resourceServerIdentifier: identifier = 'a2a-gateway', clients: machines = defaultClients } = props;
  const userPool = createUserPool(scope, props);
  const domain = userPool.addDomain('Domain', {
    cognitoDomain: {
      domainPrefix: props.cognitoDomainPrefix ?? `a2a-gateway-${environment}-${Aws.ACCOUNT_ID}`,
    },
  });
  const scopes = scopesOf(props);
  const server = userPool.addResourceServer('ResourceServer', { identifier, scopes: [...scopes.values()] });
  const clients = Object.fromEntries(
    machines.map((machine) => [machine.name, createClient(userPool, server, scopes, machine)]),
  );
  const issuer = `https://cognito-idp.${Aws.REGION}.${Aws.URL_SUFFIX}/${userPool.userPoolId}`;
  return {
    userPool,
    clients,
    tokenEndpoint: `${domain.baseUrl()}/oauth2/token`,
    issuer: {
      issuer,
      jwksUrl: `${issuer}/.well-known/jwks.json`,
      // Cognito's access tokens of machine clients have no audience.
      clientIds: Object.values(clients).map(({ userPoolClientId }) => userPoolClientId),
      scopePrefix: `${identifier}/`,
      // Of users that are added to the pool. Tokens of machine clients have none.
      groupsClaim: 'cognito:groups',
    },
  };
}

/** @throws TypeError for clients without a name or scopes of the pool */
export function checkClients({ clients = defaultClients, scopes = [] }: A2AGatewayProps): void {
  const known = new Set([adminScope, registerScope, ...scopes]);
  if (clients.length === 0)
    throw new TypeError(
      'clients is empty: without one nobody gets a token of the own pool; give issuers instead',
    );
  for (const { name, scopes: asked } of clients) {
    if (!/^[\w-]{1,64}$/.test(name))
      throw new TypeError(`clients: ${quoted(name)} is no name (letters, digits, - _)`);
    if (asked.length === 0) throw new TypeError(`clients: ${quoted(name)} has no scopes`);
    const unknown = asked.find((scope) => !known.has(scope));
    if (unknown !== undefined)
      throw new TypeError(`clients: ${quoted(name)} asks for ${quoted(unknown)}, which is not among scopes`);
  }
  if (new Set(clients.map(({ name }) => name)).size < clients.length)
    throw new TypeError('clients: two have the same name');
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function createUserPool(
  scope: Construct,
  { removalPolicy = RemovalPolicy.RETAIN, deletionProtection }: A2AGatewayProps,
): cognito.UserPool {
  const userPool = new cognito.UserPool(scope, 'UserPool', {
    selfSignUpEnabled: false,
    accountRecovery: cognito.AccountRecovery.NONE,
    passwordPolicy: {
      minLength: 16,
      requireDigits: true,
      requireLowercase: true,
      requireSymbols: true,
      requireUppercase: true,
    },
    deletionProtection: deletionProtection ?? removalPolicy === RemovalPolicy.RETAIN,
    removalPolicy,
  });
  Validations.of(userPool).acknowledge(
    {
      id: 'AwsSolutions-COG2',
      reason: 'The pool has machine clients and no users; there is no one to ask a second factor.',
    },
    { id: 'AwsSolutions-COG8', reason: 'The Plus tier guards sign-ins of users, and the pool has none.' },
  );
  return userPool;
}

function scopesOf({ scopes = [] }: A2AGatewayProps): Map<string, cognito.ResourceServerScope> {
  const described: [string, string][] = [
    [adminScope, 'Administer the gateway'],
    [registerScope, 'Register agents and manage them'],
    ...scopes.map((name): [string, string] => [name, `What the permission ${name} grants`]),
  ];
  return new Map(
    described.map(([scopeName, scopeDescription]) => [
      scopeName,
      new cognito.ResourceServerScope({ scopeName, scopeDescription }),
    ]),
  );
}

function createClient(
  userPool: cognito.UserPool,
  server: cognito.UserPoolResourceServer,
  scopes: ReadonlyMap<string, cognito.ResourceServerScope>,
  machine: MachineClient,
): cognito.UserPoolClient {
  const asked = machine.scopes.flatMap((name) => scopes.get(name) ?? []);
  return userPool.addClient(`Client-${machine.name}`, {
    userPoolClientName: machine.name,
    generateSecret: true,
    // Without any member Cognito would switch password flows on by itself.
    authFlows: { userPassword: false },
    oAuth: {
      flows: { clientCredentials: true },
      scopes: asked.map((scope) => cognito.OAuthScope.resourceServer(server, scope)),
    },
    accessTokenValidity: Duration.hours(1),
    preventUserExistenceErrors: true,
  });
}
