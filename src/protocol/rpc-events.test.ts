import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withRpcId } from './rpc-events.ts';

function translated(text: string, idText: string): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
    withRpcId(new TextEncoder().encode(text), idText),
  );
}

it.each([
  [
    'data: {"jsonrpc":"2.0","id":1,"result":{"id":1}}\n\n',
    'data: {"jsonrpc":"2.0","id":"x","result":{"id":1}}\n\n',
  ],
  ['data:{"id" : "a-long-one" ,"n":1.0}\n\n', 'data:{"id" : "x" ,"n":1.0}\n\n'],
  ['id: 1\ndata: {\ndata: "id":\ndata:  null}\n\n', 'id: 1\ndata: {\ndata: "id":\ndata:  "x"}\n\n'],
  [
    'event: e\r\ndata: {"☕":9007199254740993,"id":0}\r\n\r\n',
    'event: e\r\ndata: {"☕":9007199254740993,"id":"x"}\r\n\r\n',
  ],
  ['data: {"id":1}\r\rdata: {"id":2}\r\r', 'data: {"id":"x"}\r\rdata: {"id":"x"}\r\r'],
  [': {"id":1}\n\n', ': {"id":1}\n\n'],
  ['data: {"result":{"id":1}}\n\n', 'data: {"result":{"id":1}}\n\n'],
  ['data: [{"id":1}]\n\n', 'data: [{"id":1}]\n\n'],
  ['data: {"id":1,"id":2}\n\n', 'data: {"id":1,"id":2}\n\n'],
  ['data: {"id":1\n\n', 'data: {"id":1\n\n'],
  ['data: {"id":1}\n\ndata: {"id":2}', 'data: {"id":"x"}\n\ndata: {"id":"x"}'],
  ['', ''],
])('%j is an answer to another call as %j', (text, expected) => {
  expect(translated(text, '"x"')).toBe(expected);
});

it('is left alone where it is no text', () => {
  const bytes = Uint8Array.of(...new TextEncoder().encode('data: {"id":1,"a":"'), 0xff, 0x22, 0x7d, 10, 10);
  expect(withRpcId(bytes, '2')).toEqual(bytes);
});

it('says all else as before, and what it said when it is an answer to the first call again', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.jsonValue(), fc.nat(3)), { maxLength: 5 }), (results) => {
      const events = results
        .map(([result, spaces]) => JSON.stringify({ jsonrpc: '2.0', id: 1, result }, null, spaces))
        .map((json) => `${json.replaceAll(/^/gm, 'data: ')}\n\n`)
        .join('');
      const other = translated(events, '"other"');
      expect(translated(other, '1')).toBe(events);
      expect(other.split('"other"')).toHaveLength(results.length + 1);
    }),
  );
});
