import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readingOf } from './context-reading.ts';

const uuid = '0b54c1de-5d7e-4f7b-8a52-6f2f5f3a9d10';

it.each([uuid, 'c', 'context-1', 'a b', ' ', '', '\ud800', '01arz3ndektsv4rrffq69g5fav'])(
  'the reading of most ids is the id: %j',
  (id) => {
    expect(readingOf(id)).toBe(id);
  },
);

it.each([
  uuid.toUpperCase(),
  uuid.replaceAll('-', ''),
  `{${uuid}}`,
  `urn:uuid:${uuid}`,
  `URN:UUID:{${uuid.toUpperCase()}}`,
  `\t${uuid} `,
])('a UUID has one reading: %j', (id) => {
  expect(readingOf(id)).toBe(uuid);
});

it.each([
  ['Chat-1', 'chat-1'],
  ['chat-1 ', 'chat-1'],
  ['caf\u0065\u0301', 'caf\u00e9'],
  ['ﬁle', 'file'],
])('neither case nor space around nor the form of letters tells two apart: %j', (id, reading) => {
  expect(readingOf(id)).toBe(reading);
});

it('a reading is an id that can be kept, whatever strangers choose', () => {
  const property = fc.property(fc.string({ unit: 'binary', maxLength: 1_024 }), (id) => {
    const reading = readingOf(id.slice(0, 1_024));
    expect(reading.length).toBeLessThanOrEqual(1_024);
    expect(reading === '').toBe(id === '');
  });
  fc.assert(property);
  expect(readingOf('\ufdfa'.repeat(1_024))).toHaveLength(1_024);
});
