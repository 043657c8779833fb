import { type Part, SendMessageRequest } from '@a2a-js/sdk';
import {
  type Client,
  ClientFactory,
  DefaultAgentCardResolver,
  JsonRpcTransportFactory,
  RestTransportFactory,
} from '@a2a-js/sdk/client';
import { TaskNotFoundError } from '@a2a-js/sdk/errors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAgentCard } from '../src/protocol/card-parse.ts';
import { bindings, call, message } from './support/bindings.ts';
import { answer, type DirectoryData, dataFor, startDirectoryStand, withScope } from './support/directory.ts';
import { grant, type SearchStand } from './support/search-stand.ts';

let stand: SearchStand;
beforeAll(async () => {
  stand = await startDirectoryStand();
});
afterAll(() => stand.close());

const cardPath = '/agents/directory/.well-known/agent-card.json';
const cardUrlOf = (agentId: string) => `https://agents.test/agents/${agentId}/.well-known/agent-card.json`;

describe.each(['JSONRPC', 'HTTP+JSON'] as const)('an official client over %s', (binding) => {
  let client: Client;
  beforeAll(async () => {
    const fetchImpl: typeof fetch = (input, init) => {
      const request = new Request(input, init);
      return stand.fetch(request.url.slice('https://agents.test'.length), init);
    };
    const transports = [
      binding === 'JSONRPC'
        ? new JsonRpcTransportFactory({ fetchImpl })
        : new RestTransportFactory({ fetchImpl }),
    ];
    const cardResolver = new DefaultAgentCardResolver({ fetchImpl });
    // Of all addresses it is told the gateway's only.
    client = await new ClientFactory({ transports, cardResolver }).createFromUrl('https://agents.test');
  });

  const said = (text: string, ids = {}) =>
    SendMessageRequest.fromJSON({
      message: { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text }], ...ids },
    });
  const textOf = (parts: Part[] = []) =>
    parts.map(({ content }) => (content?.$case === 'text' ? content.value : '')).join('');

  it('finds agents by a sentence', async () => {
    const found = await client.sendMessage(said('Who pays invoices?', { contextId: 'c-1' }));
    if (!('messageId' in found)) throw new Error('a message was expected');
    expect(found.contextId).toBe('c-1');
    expect(textOf(found.parts)).toContain('billing: Invoice desk');
    const [, part] = found.parts;
    expect(part?.content?.$case).toBe('data');
    expect(part?.content?.value).toMatchObject({ agents: [{ agentId: 'billing' }, { agentId: 'travel' }] });
  });

  it('is answered a stream with the one message', async () => {
    const events: string[] = [];
    for await (const { payload } of client.sendMessageStream(said('Who pays invoices?'))) {
      if (payload?.$case === 'message') events.push(textOf(payload.value.parts));
      else throw new Error(`${payload?.$case} where a message was expected`);
    }
    expect(events).toHaveLength(1);
    expect(events[0]).toContain('billing: Invoice desk');
  });

  it('is told that there are no tasks', async () => {
    await expect(client.getTask({ id: 't-1', tenant: '' })).rejects.toThrow(TaskNotFoundError);
    await expect(client.cancelTask({ id: 't-1', tenant: '', metadata: undefined })).rejects.toThrow(
      TaskNotFoundError,
    );
    await expect(client.sendMessage(said('on with it', { taskId: 't-1' }))).rejects.toThrow(
      TaskNotFoundError,
    );
  });
});

describe('the card', () => {
  it('is one like any other, of the gateway and nothing behind it', async () => {
    const card = await (await stand.fetch(cardPath)).json();
    expect(parseAgentCard(card)).toMatchObject({ ok: true, value: { warnings: [] } });
    expect(card).toMatchObject({
      ...{ name: 'Directory', version: '1.2.3' },
      capabilities: { streaming: true, pushNotifications: false },
      supportedInterfaces: ['1.0', '0.3'].flatMap((protocolVersion) =>
        ['JSONRPC', 'HTTP+JSON'].map((protocolBinding) => ({
          ...{ url: 'https://agents.test/agents/directory', protocolBinding, protocolVersion },
        })),
      ),
    });
    expect(JSON.stringify(card)).not.toContain('.invalid');
  });

  it('is for anyone, and the same for everyone', async () => {
    const cards = [
      await stand.fetch(cardPath, { headers: { authorization: '' } }),
      await stand.fetch(cardPath, { headers: { authorization: 'Bearer x' } }),
      await stand.fetch(cardPath),
      await withScope(stand.fetch, 'gateway:admin')(cardPath),
      await stand.fetch(`${cardPath}/`),
    ];
    const texts = await Promise.all(cards.map((card) => card.text()));
    expect(cards.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(texts).size).toBe(1);
    expect(JSON.parse(texts[0] ?? '').securityRequirements).toEqual([{ schemes: { gateway: {} } }]);
  });

  it.each(['', '/'])('is where a client looks that knows the domain only, with %j after it', async (end) => {
    const path = `/.well-known/agent-card.json${end}`;
    const [own, root] = [await stand.fetch(cardPath), await stand.fetch(path)];
    expect([root.status, await root.text()]).toEqual([200, await own.text()]);
    const etag = root.headers.get('etag') ?? '';
    expect(etag).toBe(own.headers.get('etag'));
    const again = await stand.fetch(path, { headers: { authorization: '', 'if-none-match': etag } });
    expect(again.status).toBe(304);
    expect((await stand.fetch(path, { method: 'HEAD' })).status).toBe(200);
    expect((await stand.fetch(path, { method: 'POST' })).status).toBe(405);
  });

  it('is not in the listing, which counts registered agents', async () => {
    await grant(stand.store, 'all', ['*']);
    const { agents, totalSize } = await (await withScope(stand.fetch, 'all')('/agents')).json();
    expect([agents.length, totalSize]).toEqual([3, 3]);
    expect(
      await (await withScope(stand.fetch, 'gateway:admin')('/admin/agents/directory')).json(),
    ).toMatchObject({
      error: { code: 404 },
    });
  });
});

describe('an answer', () => {
  it('names the agents in words and as data, the best first', async () => {
    const { parts, role, ...ids } = await answer(stand.fetch, [{ text: 'pay invoices' }]);
    expect(role).toBe('ROLE_AGENT');
    expect(new Set([ids.messageId, ids.contextId, 'm-1']).size).toBe(3);
    const [text, { data }] = parts;
    expect(data).toEqual({
      agents: [
        {
          ...{ agentId: 'billing', name: 'Invoice desk', score: expect.any(Number) },
          ...{ agentCardUrl: cardUrlOf('billing'), matchedSkills: ['pay'] },
        },
        {
          ...{ agentId: 'travel', name: 'travel', score: expect.any(Number) },
          ...{ agentCardUrl: cardUrlOf('travel'), matchedSkills: [] },
        },
      ],
      ...{ query: 'pay invoices', totalMatches: 2 },
    });
    const [best, second] = data.agents.map(({ score }) => Math.round(score * 100));
    expect(text.text.split('\n')).toEqual([
      '2 agents fit "pay invoices". The best first:',
      '',
      '1. billing: Invoice desk',
      `   Fits to ${best} %, with: Payment`,
      `   ${cardUrlOf('billing')}`,
      '',
      '2. travel: travel',
      `   Fits to ${second} %`,
      `   ${cardUrlOf('travel')}`,
    ]);
  });

  it('is the same as the search gives', async () => {
    const body = JSON.stringify({ query: 'pay invoices' });
    const headers = { 'content-type': 'application/json' };
    const { results } = await (await stand.fetch('/search', { method: 'POST', headers, body })).json();
    const { agents } = await dataFor(stand.fetch, [{ text: 'pay invoices' }]);
    const facts = ({ agentId, score, matchedSkills }: DirectoryData['agents'][number]) => ({
      ...{ agentId, score, matchedSkills },
    });
    expect(agents.map(facts)).toEqual(results.map(facts));
  });

  it('says so where one fits, where some are left out and where none fits', async () => {
    await grant(stand.store, 'desk', ['billing']);
    const [one] = (await answer(withScope(stand.fetch, 'desk'), [{ text: 'invoice desk' }])).parts;
    expect(one.text).toMatch(/^One agent fits "invoice desk":\n\n1\. billing/);
    const [some] = (await answer(stand.fetch, [{ data: { query: 'pay invoices', topK: 1 } }])).parts;
    expect(some.text).toMatch(/^2 agents fit "pay invoices". The best one:/);
    const [none, { data }] = (await answer(stand.fetch, [{ text: 'quantum chromodynamics' }])).parts;
    expect(none.text).toMatch(/^No agent that you may call fits "quantum chromodynamics"\./);
    expect(data).toEqual({ agents: [], query: 'quantum chromodynamics', totalMatches: 0 });
  });

  it('is in the conversation the caller names', async () => {
    expect((await answer(stand.fetch, [{ text: 'x' }], { contextId: 'c-7' })).contextId).toBe('c-7');
    expect((await answer(stand.fetch, [{ text: 'x' }], { contextId: '' })).contextId).toMatch(/^[\w-]{36}$/);
  });

  it.each(bindings)('is one event where a stream is asked for, in %s', async (binding) => {
    const params = { message: { ...message, contextId: 'c-1', parts: [{ text: 'pay invoices' }] } };
    const one = await call(stand, binding, 'SendMessage', { agentId: 'directory', params });
    const stream = await call(stand, binding, 'SendStreamingMessage', { agentId: 'directory', params });
    expect(stream.headers.get('content-type')).toBe('text/event-stream');
    const withoutId = (text: string) => text.replace(/"messageId":"[^"]+"/, '');
    expect(withoutId(await stream.text())).toBe(`data: ${withoutId(await one.text())}\n\n`);
  });

  it('repeats the id of a JSON-RPC call as it was spelled', async () => {
    const body = `{"jsonrpc":"2.0","id":9007199254740993.0,"method":"SendMessage","params":${JSON.stringify({ message })}}`;
    const headers = { 'content-type': 'application/json' };
    const response = await stand.fetch('/agents/directory', { method: 'POST', headers, body });
    expect(await response.text()).toMatch(/^{"jsonrpc":"2.0","id":9007199254740993.0,"result":{"message":/);
  });

  it('has the media type of the question in HTTP+JSON', async () => {
    const init = { headers: { 'content-type': 'application/a2a+json' } };
    const params = { message };
    const body = JSON.stringify(params);
    const response = await call(stand, 'HTTP+JSON', 'SendMessage', { agentId: 'directory', ...init, body });
    expect(response.headers.get('content-type')).toBe('application/a2a+json');
  });
});
