import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonText, objectWith, stringText } from './support/arbitrary-json.ts';
import { type CallStand, startCallStand } from './support/call-stand.ts';
import { cites } from './support/cites.ts';
import { answerJson, type Script } from './support/scripted-agent.ts';

/** Laws of the transparent plane: what the gateway need not change it does not touch, whatever it is. */

let stand: CallStand;

beforeAll(async () => {
  stand = await startCallStand();
});
afterAll(() => stand.close());

const json = { 'content-type': 'application/json' };
const message = objectWith({ messageId: stringText, parts: jsonText });

/** Each way to speak: where it is sent, and its bodies. */
const ways = {
  'JSON-RPC 1.0': {
    path: '/agents/agent',
    headers: { ...json, 'a2a-version': '1.0' },
    asked: objectWith({
      jsonrpc: '"2.0"',
      id: '7',
      method: '"SendMessage"',
      params: objectWith({ message, metadata: jsonText }),
    }),
    answered: objectWith({
      jsonrpc: '"2.0"',
      id: '7',
      result: objectWith({ task: objectWith({ id: '"t-1"' }) }),
    }),
    events: objectWith({ jsonrpc: '"2.0"', id: '7', result: objectWith({ statusUpdate: jsonText }) }),
    stream: {
      path: '/agents/agent',
      body: '{"jsonrpc":"2.0","id":7,"method":"SendStreamingMessage","params":{"message":{}}}',
    },
  },
  'HTTP+JSON 1.0': {
    path: '/agents/agent/message:send',
    headers: { 'content-type': 'application/a2a+json', 'a2a-version': '1.0' },
    asked: objectWith({ message, metadata: jsonText }),
    answered: objectWith({ task: objectWith({ id: '"t-1"' }) }),
    events: objectWith({ statusUpdate: jsonText }),
    stream: { path: '/agents/agent/message:stream', body: '{"message":{}}' },
  },
  'JSON-RPC 0.3': {
    path: '/agents/veteran',
    headers: json,
    asked: objectWith({
      jsonrpc: '"2.0"',
      id: '7',
      method: '"message/send"',
      params: objectWith({ message, metadata: jsonText }),
    }),
    answered: objectWith({ jsonrpc: '"2.0"', id: '7', result: objectWith({ kind: '"task"', id: '"t-1"' }) }),
    events: objectWith({ jsonrpc: '"2.0"', id: '7', result: objectWith({ kind: '"status-update"' }) }),
    stream: {
      path: '/agents/veteran',
      body: '{"jsonrpc":"2.0","id":7,"method":"message/stream","params":{"message":{}}}',
    },
  },
  'HTTP+JSON 0.3': {
    path: '/agents/elder/v1/message:send',
    headers: json,
    asked: objectWith({ message, metadata: jsonText }),
    answered: objectWith({ task: objectWith({ id: '"t-1"' }) }),
    events: objectWith({ statusUpdate: jsonText }),
    stream: { path: '/agents/elder/v1/message:stream', body: '{"message":{}}' },
  },
};

describe('a call whose agent speaks as the caller does', () => {
  it.each(Object.entries(ways))('in %s is carried letter for letter, both ways', async (_, way) => {
    cites(
      'A2A-5.7-unknown-members',
      'A2A-3.4-ids-unchanged',
      'JSON-RPC 1.0',
      'HTTP+JSON 1.0',
      'JSON-RPC 0.3',
    );
    const { path, headers, asked, answered } = way;
    const carried = async (question: string, answer: string) => {
      stand.agent.script(answerJson(answer, 200, headers['content-type']));
      const response = await stand.send(path, { method: 'POST', headers, body: question });
      expect(await response.text()).toBe(answer);
      expect(stand.agent.seen.splice(0).map(({ body }) => body)).toEqual([question]);
    };
    await fc.assert(fc.asyncProperty(asked, answered, carried), { numRuns: 150 });
  });
});

describe('a stream', () => {
  it.each(Object.entries(ways))('in %s is the same however its bytes arrive', async (_, way) => {
    cites(
      'A2A-3.5.2-any-split',
      'A2A-3.5.2-order',
      'JSON-RPC 1.0',
      'HTTP+JSON 1.0',
      'JSON-RPC 0.3',
      'HTTP+JSON 0.3',
    );
    const { headers, events, stream } = way;
    const carried = async (text: string, places: readonly number[]) => {
      stand.agent.script(inPieces(text, places));
      const { path, body } = stream;
      const response = await stand.send(path, { method: 'POST', headers, body });
      expect(await response.text()).toBe(text);
    };
    const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });
    await fc.assert(fc.asyncProperty(streamOf(events), places, carried), { numRuns: 60 });
  });
});

/** Events as agents write them: any line end, comments, ids, data over several lines. */
function streamOf(data: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const end = fc.constantFrom('\n', '\r', '\r\n');
  const more = fc.constantFrom<readonly string[]>(
    [],
    [': hello'],
    ['id: 7'],
    ['retry: 1', 'event: message'],
    ['x'],
  );
  const field = fc.constantFrom('data: ', 'data:');
  // White space between members may hold the line ends that begin a line of data.
  const event = fc.tuple(more, field, data, end).map(([others, name, text, newline]) => {
    const lines = text.split(/\r\n|\r|\n/).map((line) => name + line);
    return [...others, ...lines, '', ''].join(newline);
  });
  return fc.array(event, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(''));
}

/** Cuts a stream at these shares of its length and lets each piece leave by itself. */
function inPieces(text: string, places: readonly number[]): Script {
  const bytes = Buffer.from(text);
  const cuts = [
    0,
    ...places.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b),
    bytes.length,
  ];
  return async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.socket?.setNoDelay(true);
    for (const [at, start] of cuts.slice(0, -1).entries()) {
      response.write(bytes.subarray(start, cuts[at + 1]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  };
}
