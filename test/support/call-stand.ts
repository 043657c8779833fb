import { legacyCardAt } from './legacy.ts';
import { cardAt, type ScriptedAgent } from './scripted-agent.ts';
import { startStand } from './stand.ts';

/** A gateway in this process, with `agent`, which speaks 1.0, and two that speak 0.3: `veteran` JSON-RPC, `elder` HTTP+JSON. */
export interface CallStand {
  /** Behind all. */
  agent: ScriptedAgent;
  /** What was logged, one parsed line each. */
  logged: Record<string, unknown>[];
  /** What no caller may ever see: where the agents are, and what they are shown. */
  secrets: readonly string[];
  /** Calls as alice, with nothing added but her token where no other is given. `path` begins after the public URL. */
  send(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

const publicUrl = 'https://agents.test';
const apiKey = 'a-key-of-the-agent';

/** @param settings joined over the defaults, one level deep */
export async function startCallStand(settings: Record<string, unknown> = {}): Promise<CallStand> {
  const stand = await startStand({ publicUrl, ...settings });
  const { issuer, agent, logged } = stand;
  const gateway = await stand.gateway();
  const adminToken = await issuer.token({ sub: 'admin', client_id: 'admin', scope: 'gateway:admin' });
  const token = await issuer.token();

  const sendAs = (bearer: string, path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${bearer}`);
    return gateway(new Request(publicUrl + path, { ...init, headers }));
  };

  const manage = async (method: string, path: string, body: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await sendAs(adminToken, path, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
  };

  const elder = legacyCardAt(agent.url, { url: `${agent.url}/rest`, preferredTransport: 'HTTP+JSON' });
  const cards = { agent: cardAt(agent.url), veteran: legacyCardAt(agent.url), elder };
  for (const [agentId, card] of Object.entries(cards)) {
    agent.card(card);
    const authConfig = { type: 'api_key', name: 'x-key', apiKey };
    const registration = { agentId, agentCardUrl: agent.cardUrl, authConfig, ownership: 'backend' };
    await manage('POST', '/admin/agents', registration);
  }
  await manage('PUT', '/admin/permissions/demo', {
    allowedAgents: Object.keys(cards),
    operations: ['send', 'stream', 'read', 'cancel', 'push'],
  });
  return {
    agent,
    logged,
    secrets: [new URL(agent.url).host, apiKey],
    send: (path, init) => sendAs(token, path, init),
    close: stand.close,
  };
}
