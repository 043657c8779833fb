import { parseSettings } from '../../src/config.ts';
import { createAuthorizer } from '../../src/runtimes/lambda/authorizer.ts';
import type { Store } from '../../src/store/port.ts';
import type { TestIssuer } from './issuer.ts';
import { testAudience } from './issuer.ts';
import { nodeUpstream } from './upstream-servers.ts';

export const stage = 'arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/v1';

export interface Logged {
  level: string;
  event: string;
  fields: Readonly<Record<string, unknown>>;
}

/**
 * The authorizer as its function makes it, trusting one test issuer, with its log in `logged`. Call it in a test.
 * @param search as settings; absent: there is none
 */
export function startAuthorizer(
  { issuer }: Pick<TestIssuer, 'issuer'>,
  store: Pick<Store, 'agents' | 'permissions' | 'revocations'>,
  agentsPath = '/agents',
  search: Record<string, unknown> = {},
): { authorize: ReturnType<typeof createAuthorizer>; logged: Logged[] } {
  const logged: Logged[] = [];
  const authorize = createAuthorizer({
    settings: parseSettings(
      {
        publicUrl: 'https://agents.test',
        issuers: [{ issuer, audiences: [testAudience], algorithms: ['RS256'] }],
        ...{ agentsPath, search },
      },
      {},
    ),
    store,
    upstream: nodeUpstream(),
    clock: { nowMs: () => Date.now() },
    log: { write: (level, event, fields = {}) => void logged.push({ level, event, fields }) },
  });
  return { authorize, logged };
}

/** What API Gateway sends a REQUEST authorizer, as far as it is read, with every header twice. */
export function requestEvent(authorization: string | undefined, method = 'GET', path = '/agents'): object {
  const given = authorization === undefined ? {} : { Authorization: authorization };
  const multiValueHeaders = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, [value]]));
  return {
    type: 'REQUEST',
    methodArn: `${stage}/${method}${path}`,
    headers: { Accept: '*/*', ...given },
    multiValueHeaders: { Accept: ['*/*'], ...multiValueHeaders },
    requestContext: { requestId: 'request-1' },
  };
}
