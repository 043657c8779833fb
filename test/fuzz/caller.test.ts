import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CallStand, startCallStand } from '../support/call-stand.ts';
import { cites } from '../support/cites.ts';
import { readGoldens } from '../support/golden.ts';
import { healthy } from './healthy.ts';
import { mutated } from './mutation.ts';
import { type Asked, ask, expectWellFormed } from './oracle.ts';
import { seed } from './seed.ts';

/** Whatever a caller sends to agents that are well is answered in its binding, and is no failure of ours. */

const minutes = 60_000;
let stand: CallStand;

beforeAll(async () => {
  stand = await startCallStand({ limits: { maxBodyBytes: 65_536 } });
  stand.agent.script(healthy(stand.agent.url));
});
afterAll(() => stand.close());

const goldens = readGoldens().map(({ name, golden }) => ({ name, ...golden.request }));
const withBody = goldens.filter(({ body }) => body !== undefined);

function bodiesOf(kind: string): readonly string[] {
  const bodies = withBody.filter(({ name }) => name.includes(kind)).map(({ body = [] }) => body.join('\n'));
  return [...new Set(bodies)];
}

function requestOf({ method, path, headers, body }: (typeof goldens)[number]): Asked {
  const { authorization: _, ...others } = headers;
  const bytes = body === undefined ? {} : { body: Uint8Array.from(Buffer.from(body.join('\n'))) };
  return { method, path, headers: others, ...bytes };
}

/** Runs a property over requests; each is one case. */
async function fuzz(requests: fc.Arbitrary<Asked>, numRuns: number): Promise<void> {
  let reached = 0;
  const holds = async (asked: Asked) => {
    const answer = await ask(stand, asked);
    if (stand.agent.seen.length > 0) reached += 1;
    expectWellFormed(stand, asked, answer);
    expect(answer.status).toBeLessThan(500);
  };
  await fc.assert(fc.asyncProperty(requests, holds), { seed, numRuns });
  // What is refused at the door says nothing of what is behind it.
  expect(reached).toBeGreaterThan(numRuns / 20);
}

const version = fc.constantFrom<Record<string, string>>(
  { 'a2a-version': '1.0' },
  { 'a2a-version': '1.0' },
  {},
);
const mediaType = fc.constantFrom(
  'application/json',
  'application/json',
  'application/a2a+json; charset=utf-8',
);

it('bodies in JSON-RPC', { timeout: 10 * minutes }, async () => {
  cites('A2A-13.4-input', 'JSON-RPC 1.0', 'JSON-RPC 0.3');
  const path = fc.constantFrom('/agents/agent', '/agents/agent/', '/agents/veteran', '/agents/elder');
  const requests = fc
    .tuple(path, version, mediaType, mutated(bodiesOf('json-rpc')))
    .map(([to, headers, type, body]) => ({
      ...{ method: 'POST', path: to, body },
      headers: { ...headers, 'content-type': type },
    }));
  await fuzz(requests, 18_000);
});

it('bodies in HTTP+JSON', { timeout: 10 * minutes }, async () => {
  cites('A2A-13.4-input', 'HTTP+JSON 1.0', 'HTTP+JSON 0.3');
  const path = fc.constantFrom(
    '/agents/agent/message:send',
    '/agents/agent/message:stream',
    '/agents/agent/tasks/t-1:cancel',
    '/agents/agent/tasks/t-1:subscribe',
    '/agents/agent/tasks/t-1/pushNotificationConfigs',
    '/agents/elder/v1/message:send',
    '/agents/elder/v1/tasks/t-1:cancel',
    '/agents/agent/v1/message:stream',
    '/agents/veteran/v1/message:send',
  );
  const requests = fc
    .tuple(path, version, mediaType, mutated(bodiesOf('http-json')))
    .map(([to, headers, type, body]) => ({
      ...{ method: 'POST', path: to, body },
      headers: { ...headers, 'content-type': type },
    }));
  await fuzz(requests, 12_000);
});

/** What a header may hold at all. */
const headerText = fc
  .string({ unit: 'binary-ascii', maxLength: 24 })
  .map((text) => text.replace(/[^\t\x20-\x7e]/g, '').trim());

function headerOf(...usual: string[]): fc.Arbitrary<string> {
  return fc.oneof(fc.constantFrom(...usual), headerText);
}

it('headers', { timeout: 10 * minutes }, async () => {
  cites('A2A-13.4-input', 'JSON-RPC 1.0', 'JSON-RPC 0.3', 'HTTP+JSON 1.0');
  const usual = {
    'a2a-version': headerOf('1.0', '0.3', '1.0.1', '', '2.0', '1.0, 0.3', '01.0', '1e0'),
    'a2a-extensions': headerOf('https://a.example/x', ',,,', 'https://a.example/x, https://b.example/y'),
    'x-a2a-extensions': headerOf('https://a.example/x'),
    'content-type': headerOf(
      'application/json',
      'application/a2a+json',
      'text/plain',
      'application/json;charset=x',
      '',
    ),
    'content-encoding': headerOf('gzip', 'identity', 'br, gzip'),
    accept: headerOf(
      '*/*',
      'text/event-stream',
      'image/png',
      'application/json;q=0',
      'text/event-stream;q=1.0, */*',
    ),
    'accept-encoding': headerOf('gzip', 'br', 'identity;q=0'),
    'last-event-id': headerOf('1', '0'),
    'if-none-match': headerOf('*', '"x"'),
    traceparent: headerOf('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'),
    'x-request-id': headerOf('r-1', 'x'.repeat(200)),
    origin: headerOf('https://page.example', 'null'),
    cookie: headerOf('a=b'),
    authorization: headerOf('Bearer x', 'Basic eDp5', 'Bearer', 'bearer  '),
    'x-http-method-override': headerOf('DELETE'),
    'content-length': headerOf('0', '-1', '99999999999999999999'),
  };
  const names = fc.subarray(Object.keys(usual) as (keyof typeof usual)[], { minLength: 1, maxLength: 3 });
  const header = names.chain((chosen) =>
    fc.record(Object.fromEntries(chosen.map((name) => [name, usual[name]]))),
  );
  const target = fc.constantFrom(...goldens);
  const requests = fc.tuple(target, header).map(([golden, given]) => {
    const request = requestOf(golden);
    return { ...request, headers: { ...request.headers, ...given } };
  });
  await fuzz(requests, 8_000);
});

it('paths and queries', { timeout: 10 * minutes }, async () => {
  cites('A2A-13.4-input', 'JSON-RPC 1.0', 'HTTP+JSON 1.0');
  const segment = fc.oneof(
    fc.constantFrom(
      'agents',
      'agent',
      'veteran',
      'tasks',
      't-1',
      't-1:cancel',
      't-1:subscribe',
      'v1',
      'message:send',
    ),
    fc.constantFrom(
      'pushNotificationConfigs',
      'c-1',
      'extendedAgentCard',
      '.well-known',
      'agent-card.json',
      'card',
    ),
    fc.constantFrom(
      'admin',
      'search',
      'health',
      '%2e%2e',
      '%2f',
      '%00',
      '%',
      '..',
      '.',
      '',
      ':',
      'a:b:c',
      '%C3%A9',
      ';x',
    ),
    fc.string({ unit: 'binary', maxLength: 6 }).map(encoded),
  );
  const name = fc.oneof(
    fc.constantFrom(
      'tenant',
      'id',
      'task_id',
      'pageSize',
      'pageToken',
      'A2A-Version',
      'historyLength',
      'status',
    ),
    fc.string({ unit: 'binary', maxLength: 4 }).map(encoded),
  );
  const value = fc.oneof(
    fc.constantFrom('1.0', '0.3', '', '100', '-1', 'true', 'null', '%', '%FF', 'a%3Db'),
    fc.string({ unit: 'binary', maxLength: 6 }).map(encoded),
  );
  const query = fc.array(fc.tuple(name, value), { maxLength: 3 }).map((pairs) => {
    return pairs.length === 0 ? '' : `?${pairs.map((pair) => pair.join('=')).join('&')}`;
  });
  const built = fc.array(segment, { maxLength: 5 }).map((segments) => `/${segments.join('/')}`);
  const below = fc.array(segment, { maxLength: 4 }).map((segments) => `/agents/agent/${segments.join('/')}`);
  const method = fc.constantFrom('GET', 'GET', 'POST', 'DELETE', 'PUT', 'PATCH', 'HEAD', 'OPTIONS', 'BREW');
  const random = fc
    .tuple(method, fc.oneof(built, below), query, version)
    .map(([by, path, asked, headers]) => ({
      ...{ method: by, path: path + asked },
      headers: { ...headers, 'content-type': 'application/json' },
      ...(by === 'POST' && { body: Uint8Array.from(Buffer.from('{"message":{}}')) }),
    }));
  const known = fc.tuple(fc.constantFrom(...goldens), query).map(([golden, asked]) => {
    const { path, ...request } = requestOf(golden);
    return { ...request, path: (path.split('?')[0] ?? '') + asked };
  });
  const requests = fc.oneof({ weight: 3, arbitrary: random }, { weight: 1, arbitrary: known });
  await fuzz(requests, 10_000);
});

/** So that it can stand in a URL. */
function encoded(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}
