import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { cites } from './support/cites.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { errorInfo } from './support/raw.ts';
import { answerJson } from './support/scripted-agent.ts';

/** Which version a request is of, and in which an agent may be called (A2A §3.6). The agent behind speaks 1.0. */

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway();
  await register(gateway, { agentId: 'lenient', lenientVersions: true });
  await register(gateway, { agentId: 'modern', protocolVersions: ['1.0'] });
  await register(gateway, { agentId: 'lenient-modern', protocolVersions: ['1.0'], lenientVersions: true });
  await register(gateway, { agentId: 'ancient', protocolVersions: ['0.3'] });
  await register(gateway, { agentId: 'lenient-ancient', protocolVersions: ['0.3'], lenientVersions: true });
  const operations = ['send', 'stream', 'read', 'cancel', 'push'];
  await permit(gateway, 'demo', { allowedAgents: ['*'], operations });
  gateway.agent.script(answerJson({ jsonrpc: '2.0', id: 1, result: { id: 't-1', status: {} }, status: {} }));
});
afterAll(() => gateway.close());
afterEach(() => void gateway.agent.seen.splice(0));

const [method, legacyMethod] = ['GetTask', 'tasks/get'];

/** Why the call was refused, or in which version it reached the agent. */
async function came(answer: Response): Promise<string | undefined> {
  const reason = errorInfo(await answer.text())?.reason;
  const [seen] = gateway.agent.seen.splice(0);
  expect(seen === undefined).toBe(reason !== undefined);
  return reason ?? seen?.headers['a2a-version']?.toString();
}

function rpc(agentId: string, named: string, version = '', query = ''): Promise<string | undefined> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: named, params: { id: 't-1' } });
  const headers = { 'content-type': 'application/json', 'a2a-version': version };
  return gateway.fetch(`/agents/${agentId}${query}`, { method: 'POST', headers, body }).then(came);
}

function rest(agentId: string, path: string, version = ''): Promise<string | undefined> {
  return gateway.fetch(`/agents/${agentId}${path}`, { headers: { 'a2a-version': version } }).then(came);
}

describe('a request that names no version', () => {
  it('is of 0.3', async () => {
    cites('A2A-3.6.2-missing', 'A2A-3.6.2-semantics', 'JSON-RPC 0.3', 'HTTP+JSON 0.3');
    expect(await rpc('agent', legacyMethod)).toBe('1.0'); // Bridged.
    expect(await rpc('agent', method)).toBe('OPERATION_UNKNOWN');
    expect(await rest('agent', '/v1/tasks/t-1')).toBe('1.0');
    expect(await rest('agent', '/tasks/t-1')).toBe('VERSION_NOT_SUPPORTED');
  });

  it('is of the version its method or path belongs to where the agent is lenient', async () => {
    cites('A2A-3.6.2-leniency', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    expect(await rpc('lenient', method)).toBe('1.0');
    expect(await rpc('lenient', legacyMethod)).toBe('1.0');
    expect(await rest('lenient', '/tasks/t-1')).toBe('1.0');
    expect(await rest('lenient', '/v1/tasks/t-1')).toBe('1.0');
    expect(await rpc('lenient', 'tasks/list')).toBe('OPERATION_UNKNOWN');
  });

  it('is refused where the agent may be called in 1.0 alone, unless it is lenient', async () => {
    cites(
      'A2A-3.6.2-missing',
      'A2A-3.6.2-restricted',
      'JSON-RPC 1.0',
      'HTTP+JSON 1.0',
      'JSON-RPC 0.3',
      'HTTP+JSON 0.3',
    );
    expect(await rpc('modern', method)).toBe('VERSION_NOT_SUPPORTED');
    expect(await rpc('lenient-modern', method)).toBe('1.0');
    expect(await rpc('lenient-modern', legacyMethod)).toBe('OPERATION_UNKNOWN');
    expect(await rest('lenient-modern', '/tasks/t-1')).toBe('1.0');
    expect(await rest('lenient-modern', '/v1/tasks/t-1')).toBe('VERSION_NOT_SUPPORTED');
  });
});

it('a request that names no version is of none that the agent may not be called in', async () => {
  expect(await rpc('lenient-ancient', method)).toBe('OPERATION_UNKNOWN');
  expect(await rpc('lenient-ancient', legacyMethod)).toBe('1.0');
  expect(await rest('lenient-ancient', '/tasks/t-1')).toBe('VERSION_NOT_SUPPORTED');
});

describe('a request that names its version', () => {
  it.each(['1.0', '1.0.7', ' 1.0 '])('is held to %j', async (version) => {
    cites('A2A-3.6.1-header', 'A2A-3.6-patch', 'JSON-RPC 1.0');
    for (const agentId of ['agent', 'lenient']) {
      expect(await rpc(agentId, method, version)).toBe('1.0');
      expect(await rpc(agentId, legacyMethod, version)).toBe('OPERATION_UNKNOWN');
      expect(await rest(agentId, '/v1/tasks/t-1', version)).toBe('VERSION_NOT_SUPPORTED');
    }
  });

  it.each(['0.3', '0.3.0'])('is held to %s', async (version) => {
    cites('A2A-3.6.1-header', 'A2A-3.6-patch', 'JSON-RPC 0.3');
    for (const agentId of ['agent', 'lenient']) {
      expect(await rpc(agentId, legacyMethod, version)).toBe('1.0');
      expect(await rpc(agentId, method, version)).toBe('OPERATION_UNKNOWN');
      expect(await rest(agentId, '/tasks/t-1', version)).toBe('VERSION_NOT_SUPPORTED');
    }
  });

  it('may do so in the query, and not otherwise than in the header', async () => {
    cites('A2A-3.6.1-query', 'A2A-3.6.1-conflict');
    expect(await rpc('agent', method, '', '?A2A-Version=1.0')).toBe('1.0');
    expect(await rpc('agent', method, '1.0', '?A2A-Version=1.0.1')).toBe('1.0');
    expect(await rpc('agent', method, '1.0', '?A2A-Version=0.3')).toBe('PARAMETER_INVALID');
  });

  it('is refused where the agent may not be called in it, lenient or not', async () => {
    cites('A2A-3.6.2-unsupported', 'A2A-3.6.2-restricted', 'JSON-RPC 1.0', 'JSON-RPC 0.3');
    expect(await rpc('modern', legacyMethod, '0.3')).toBe('VERSION_NOT_SUPPORTED');
    expect(await rpc('lenient-modern', method, '0.3')).toBe('VERSION_NOT_SUPPORTED');
    expect(await rpc('ancient', method, '1.0')).toBe('VERSION_NOT_SUPPORTED');
    expect(await rpc('ancient', legacyMethod)).toBe('1.0');
    expect(await rpc('agent', method, '2.0')).toBe('VERSION_NOT_SUPPORTED');
  });
});

describe('the versions an agent may be called in', () => {
  const change = async (body: unknown) => {
    const etag = (await gateway.admin('GET', '/admin/agents/modern')).headers.get('etag') ?? '';
    return gateway.admin('PATCH', '/admin/agents/modern', body, { 'if-match': etag });
  };

  it.each([[[]], [['2.0']], ['1.0'], [['1.0', '0.3', '1.0']]])(
    'are refused as %j',
    async (protocolVersions) => {
      expect((await change({ protocolVersions })).status).toBe(400);
    },
  );

  it('are shown, changed, and all again when taken away', async () => {
    expect(await (await change({ protocolVersions: ['0.3'] })).json()).toMatchObject({
      protocolVersions: ['0.3'],
    });
    expect(await rpc('modern', legacyMethod)).toBe('1.0');
    expect(await (await change({ protocolVersions: null })).json()).toMatchObject({
      protocolVersions: ['1.0', '0.3'],
      lenientVersions: false,
    });
    expect(await rpc('modern', method, '1.0')).toBe('1.0');
  });
});
