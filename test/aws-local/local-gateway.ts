import { setTimeout } from 'node:timers/promises';
import { type LocalAws, type LocalAwsOptions, startLocalAws } from '../../aws-local/local-aws.ts';
import { accessToken } from '../../examples/caller.ts';
import { type ScriptedAgent, startScriptedAgent } from '../support/scripted-agent.ts';

/** aws:local in this process, with a scripted agent, `agent`, which scope `demo` may call. */
export interface LocalGateway {
  aws: LocalAws;
  url: string;
  agent: ScriptedAgent;
  /** A token of a development client. */
  token(clientId: string): Promise<string>;
  /** Calls the gateway as `alice` unless the headers say otherwise. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Calls it as an administrator, with a JSON body. */
  admin(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** What functions, emulator and access log printed: `source  line`. */
  printed: string[];
  close(): Promise<void>;
}

export interface LocalGatewayOptions extends Pick<LocalAwsOptions, 'issuers'> {
  /** Seconds, by function, in place of the stack's own. */
  timeouts?: Readonly<Record<string, number>>;
  /** Variables in place of the stack's own and of this machine's, by function. */
  environmentOf?(functionName: string, endpoints: LocalAws['endpoints']): Readonly<Record<string, string>>;
  /** Whether it has the example agents, which `demo` may call too. Default: no. */
  examples?: boolean;
  /** Whether permissions may have conditions. Default: no. */
  conditions?: boolean;
}

export async function startLocalGateway({
  timeouts = {},
  environmentOf = () => ({}),
  examples = false,
  conditions = false,
  issuers = [],
}: LocalGatewayOptions = {}): Promise<LocalGateway> {
  const printed: string[] = [];
  const adjust: LocalAwsOptions['adjust'] = (definition, endpoints) => ({
    ...definition,
    timeoutSeconds: timeouts[definition.name] ?? definition.timeoutSeconds,
    environment: { ...definition.environment, ...environmentOf(definition.name, endpoints) },
  });
  const aws = await startLocalAws({
    port: 0,
    environment: process.env,
    examples: examples && { tokenDelayMs: 0, stepMs: 0 },
    adjust,
    conditions,
    issuers,
    print: (source, line) => void printed.push(`${source}  ${line}`),
  });
  const agent = await startScriptedAgent();
  const tokens = new Map<string, Promise<string>>();
  const token = (clientId: string) => {
    const known =
      tokens.get(clientId) ?? accessToken(`${aws.url}/dev/issuer`, clientId, `${clientId}-secret`);
    tokens.set(clientId, known);
    return known;
  };
  const gateway: LocalGateway = {
    aws,
    url: aws.url,
    agent,
    token,
    printed,
    async fetch(path, init = {}) {
      const headers = new Headers({ authorization: `Bearer ${await token('alice')}`, 'a2a-version': '1.0' });
      for (const [name, value] of new Headers(init.headers)) headers.set(name, value);
      return fetch(aws.url + path, { ...init, headers });
    },
    admin: async (method, path, body, headers = {}) =>
      fetch(aws.url + path, {
        method,
        headers: {
          authorization: `Bearer ${await token('admin')}`,
          'content-type': 'application/json',
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    async close() {
      await aws.close();
      await agent.close();
    },
  };
  try {
    const body = { agentId: 'agent', agentCardUrl: agent.cardUrl };
    const registered = await gateway.admin('POST', '/admin/agents', body);
    if (registered.status !== 201) throw new Error(`not registered: ${await registered.text()}`);
    await permitDemo(gateway, ['*']);
    return gateway;
  } catch (error) {
    await gateway.close();
    throw error;
  }
}

/**
 * What holders of scope `demo` may call from now on. Read and write may meet two processes of the function, and each
 * keeps what it read for two seconds: what is answered late is asked again.
 */
export async function permitDemo(gateway: LocalGateway, allowedAgents: readonly string[]): Promise<void> {
  const operations = ['send', 'stream', 'read', 'cancel', 'push'];
  for (let tried = 1; ; tried++) {
    const known = await gateway.admin('GET', '/admin/permissions/demo');
    const headers: Record<string, string> = known.ok ? { 'if-match': known.headers.get('etag') ?? '*' } : {};
    const permission = { allowedAgents, operations };
    const answer = await gateway.admin('PUT', '/admin/permissions/demo', permission, headers);
    if (answer.ok) return;
    if (tried === 10) throw new Error(`not permitted: ${await answer.text()}`);
    await setTimeout(300);
  }
}
