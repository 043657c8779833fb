import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../src/protocol/operations.ts';
import { permissionOperations } from '../src/protocol/permission-operations.ts';
import { cellOfGolden } from './support/citations.ts';
import { cites } from './support/cites.ts';
import { permit, register, startGateway, type TestGateway } from './support/gateway.ts';
import { type Golden, type GoldenHeaders, readGoldens, withMadeUp } from './support/golden.ts';
import { legacyCardAt } from './support/legacy.ts';

const goldens = readGoldens();

let gateway: TestGateway;
let token: string;

beforeAll(async () => {
  // May be called in 1.0 alone; `veteran` in both, bridged in 1.0.
  gateway = await startGateway({ registration: { protocolVersions: ['1.0'] } });
  const { card, url } = gateway.agent;
  card(legacyCardAt(url));
  await register(gateway, { agentId: 'veteran' });
  card(legacyCardAt(url, { url: `${url}/rest`, preferredTransport: 'HTTP+JSON' }));
  await register(gateway, { agentId: 'elder' });
  await permit(gateway, 'demo', {
    allowedAgents: ['agent', 'veteran', 'elder'],
    operations: permissionOperations,
  });
  token = await gateway.issuer.token();
});
afterAll(() => gateway.close());

function read(text: string): Golden {
  const filled = text
    .replaceAll('{{agent}}', gateway.agent.url)
    .replaceAll('{{issuer}}', gateway.issuer.issuer)
    .replaceAll('{{gateway}}', 'http://127.0.0.1:1'); // What the test gateway is told its public URL is.
  return JSON.parse(filled) as Golden;
}

async function send({ method, path, headers, body }: Golden['request']): Promise<Response> {
  const { authorization = `Bearer ${token}`, ...others } = headers;
  return fetch(gateway.url + path, {
    method,
    headers: { ...others, ...(authorization !== '' && { authorization }) },
    ...(body !== undefined && { body: body.join('\n') }),
  });
}

/** No two signatures are alike, and what they hold for is tested elsewhere. */
function withoutSignatures(body: string): string {
  const signature = /"protected":"[\w-]+","signature":"[\w-]{86}"/g;
  return body.replaceAll(signature, '"protected":"{{protected}}","signature":"{{signature}}"');
}

/** Sends the request, to an agent that answers what the exchange has. */
function exchange({
  request,
  agent,
}: Pick<Golden, 'request'> & { agent?: Golden['agent'] | undefined }): Promise<Response> {
  gateway.agent.script((_request, response) => {
    response.writeHead(agent?.answers.status ?? 500, agent?.answers.headers);
    response.end(agent?.answers.body.join('\n'));
  });
  return send(request);
}

function expectHeaders(actual: (name: string) => string | null | undefined, expected: GoldenHeaders): void {
  const names = Object.keys(expected);
  expect(Object.fromEntries(names.map((name) => [name, actual(name) ?? null]))).toEqual(expected);
}

describe('a golden exchange', () => {
  it.each(goldens.map(({ name, text, golden }) => [golden.title, name, text]))(
    '%s: %s',
    async (_, name, text) => {
      const { after, request, cites: shown = [], agent, answer } = read(text);
      cites(...shown, cellOfGolden(name));
      const before = goldens.find(({ name }) => name === after);
      if (before !== undefined) await (await exchange(read(before.text))).text();
      gateway.agent.seen.splice(0);

      const response = await exchange({ request, ...(agent !== undefined && { agent }) });

      const received = Buffer.from(await response.arrayBuffer()).toString();
      expect(withoutSignatures(received)).toBe(answer.body.join('\n'));
      expect(response.status).toBe(answer.status);
      expectHeaders((name) => response.headers.get(name), answer.headers);
      expect(gateway.agent.seen).toHaveLength(agent === undefined ? 0 : 1);
      const [seen] = gateway.agent.seen;
      if (agent === undefined || seen === undefined) return;
      const { method, target, headers, body } = agent.sees;
      expect({ ...seen, body: withMadeUp(seen.body) }).toMatchObject({
        method,
        target,
        body: body.join('\n'),
      });
      expectHeaders((name) => seen.headers[name]?.toString(), headers);
    },
  );
});

describe('what is no call of JSON-RPC', () => {
  const ofEnvelope = ['JSONRPC-5.1-parse-error', 'JSONRPC-4-request', 'JSONRPC-4.2-params'] as const;

  it.each(ofEnvelope)('is told in 0.3 as in 1.0, whichever clause it breaks: %s', async (clause) => {
    cites('JSONRPC-5.1-parse-error', 'JSONRPC-4-request', 'JSONRPC-4.2-params', 'JSON-RPC 0.3');
    const refused = goldens.filter(({ golden }) => golden.cites?.includes(clause));
    expect(refused).not.toEqual([]);
    for (const { text } of refused) {
      const { request, answer } = read(text);
      const { 'a2a-version': _, ...headers } = request.headers;
      const response = await send({ ...request, path: '/agents/veteran', headers });
      expect([response.status, await response.text()]).toEqual([answer.status, answer.body.join('\n')]);
    }
  });
});

describe('the golden exchanges', () => {
  const shown = new Set(
    goldens.map(({ name, golden }) => `${name.slice(0, 3)} ${golden.operation} ${golden.binding}`),
  );

  it('show every operation in both bindings', () => {
    cites('A2A-5.1-every-operation', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
    const expected = operations.flatMap(({ name }) => [`1.0 ${name} JSON-RPC`, `1.0 ${name} HTTP+JSON`]);
    expect(expected.filter((triple) => !shown.has(triple))).toEqual([]);
  });

  it('show every operation 0.3 has in its JSON-RPC', () => {
    cites('A2A-5.1-every-operation', 'JSON-RPC 0.3');
    const known = operations.filter(({ v0_3 }) => v0_3 !== undefined);
    const expected = known.map(({ name }) => `0.3 ${name} JSON-RPC`);
    expect(expected.filter((triple) => !shown.has(triple))).toEqual([]);
    expect(expected).toHaveLength(operations.length - 1);
  });

  it('each say where they are specified', () => {
    const silent = goldens.filter(({ golden: { source, title } }) => !source || !title);
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});
