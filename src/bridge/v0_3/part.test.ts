import { beforeEach, describe, expect, it } from 'vitest';
import { cites } from '../../../test/support/cites.ts';
import { GatewayError } from '../../failure.ts';
import { fromCorePart, toCorePart } from './part.ts';

const at = { side: 'answer' } as const;

describe('a part in 0.3 and in core', () => {
  beforeEach(() => cites('A2A-0.3-6.5-parts'));

  it.each([
    ['a text', { kind: 'text', text: '' }, { text: '' }],
    [
      'a text with metadata',
      { kind: 'text', text: 'a', metadata: { b: 1 }, x: [null] },
      { text: 'a', metadata: { b: 1 }, x: [null] },
    ],
    [
      'a text of a media type and a name',
      {
        kind: 'text',
        text: '# a',
        metadata: { 'a2a-gateway:mediaType': 'text/markdown', 'a2a-gateway:filename': 'a.md', b: 1 },
      },
      { text: '# a', mediaType: 'text/markdown', filename: 'a.md', metadata: { b: 1 } },
    ],
    [
      'a text with an empty name kept',
      { kind: 'text', text: '', metadata: { 'a2a-gateway:filename': '' } },
      { text: '', metadata: { 'a2a-gateway:filename': '' } },
    ],
    [
      'a file with its bytes',
      { kind: 'file', file: { bytes: 'aGk=', mimeType: 'text/plain', name: 'hi.txt' } },
      { raw: 'aGk=', mediaType: 'text/plain', filename: 'hi.txt' },
    ],
    [
      'a file elsewhere',
      { kind: 'file', file: { uri: 'https://files.example/1' }, metadata: { 'a2a-gateway:filename': 'b' } },
      { url: 'https://files.example/1', metadata: { 'a2a-gateway:filename': 'b' } },
    ],
    ['data', { kind: 'data', data: { value: 1 } }, { data: { value: 1 } }],
    [
      'data of a media type',
      { kind: 'data', data: {}, metadata: { 'a2a-gateway:mediaType': 'application/json' } },
      { data: {}, mediaType: 'application/json' },
    ],
    [
      'data that is a list',
      { kind: 'data', data: { value: [1] }, metadata: { data_part_compat: true } },
      { data: [1] },
    ],
    [
      'data that is null',
      { kind: 'data', data: { value: null }, metadata: { data_part_compat: true, b: 1 } },
      { data: null, metadata: { b: 1 } },
    ],
    [
      'an object that only looks wrapped',
      { kind: 'data', data: { value: {} }, metadata: { data_part_compat: true } },
      { data: { value: {} }, metadata: { data_part_compat: true } },
    ],
  ])('is the same for %s', (_title, legacy, core) => {
    expect(toCorePart(legacy, at)).toEqual(core);
    expect(fromCorePart(core, at)).toEqual(legacy);
  });

  it('moves unknown members of a file beside its content', () => {
    const legacy = { kind: 'file', file: { uri: 'u', x: 1, y: 1 }, x: 2 };
    expect(toCorePart(legacy, at)).toEqual({ url: 'u', x: 2, y: 1 });
    expect(fromCorePart({ url: 'u', x: 2, y: 1 }, at)).toEqual({
      kind: 'file',
      file: { uri: 'u' },
      x: 2,
      y: 1,
    });
  });

  it.each([
    [{ kind: 'text', text: 'a', url: 'u', media_type: 'b', Raw: 'c' }, { text: 'a' }],
    [{ kind: 'file', file: { uri: 'u', raw: 'b', data: 1 }, text: 'c' }, { url: 'u' }],
  ])('lets no member of 0.3 become one that only 1.0 knows: %j', (legacy, core) => {
    expect(toCorePart(legacy, at)).toEqual(core);
  });

  it('spells bytes in the alphabet that 0.3 names', () => {
    expect(fromCorePart({ raw: '-_8' }, at)).toEqual({ kind: 'file', file: { bytes: '+/8=' } });
  });

  it('leaves empty names and types out towards 0.3', () => {
    const empty = { filename: '', mediaType: '' };
    expect(fromCorePart({ url: 'u', ...empty }, at)).toEqual({ kind: 'file', file: { uri: 'u' } });
    expect(fromCorePart({ text: 'a', ...empty }, at)).toEqual({ kind: 'text', text: 'a' });
  });

  it('takes null for absence where it is no data', () => {
    expect(fromCorePart({ text: 'a', raw: null, data: null, filename: null }, at)).toEqual({
      kind: 'text',
      text: 'a',
    });
    expect(toCorePart({ kind: 'file', file: { bytes: null, uri: 'u' } }, at)).toEqual({ url: 'u' });
  });

  it('keeps a member called __proto__ a member', () => {
    const legacy: unknown = JSON.parse('{"kind":"text","text":"a","__proto__":{"kind":"data"}}');
    const back = fromCorePart(toCorePart(legacy, at), at);
    expect(JSON.parse(JSON.stringify(back))).toEqual(legacy);
    expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
  });

  it.each([
    null,
    'text',
    [],
    {},
    { kind: 'audio' },
    { kind: 'text' },
    { kind: 'text', text: 1 },
    { kind: 'text', text: '', metadata: [] },
    { kind: 'file' },
    { kind: 'file', file: {} },
    { kind: 'file', file: { bytes: 'a', uri: 'b' } },
    { kind: 'file', file: { bytes: 1 } },
    { kind: 'data' },
  ])('refuses what is no part of 0.3: %j', (part) => {
    expect(() => toCorePart(part, at)).toThrow(GatewayError);
  });

  it.each([
    null,
    [],
    {},
    { metadata: {} },
    { text: null },
    { text: 1 },
    { raw: 1 },
    { url: {} },
    { text: '', raw: '' },
    { data: null, metadata: 1 },
    { text: '', mediaType: 1 },
  ])('refuses what is no part of 1.0: %j', (part) => {
    expect(() => fromCorePart(part, at)).toThrow(GatewayError);
  });
});
