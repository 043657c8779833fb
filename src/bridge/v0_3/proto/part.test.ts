import { beforeEach, describe, expect, it } from 'vitest';
import { failureOf } from '../../../../test/support/bridge.ts';
import { cites } from '../../../../test/support/cites.ts';
import { part } from './part.ts';

const at = { side: 'answer' } as const;

describe('a part in 0.3 ProtoJSON and in core', () => {
  beforeEach(() => cites('A2A-0.3-6.5-parts'));

  it.each([
    ['a text', { text: '' }, { text: '' }],
    [
      'a text with metadata',
      { text: 'a', metadata: { b: 1 }, x: [null] },
      { text: 'a', metadata: { b: 1 }, x: [null] },
    ],
    [
      'a text of a media type and a name',
      {
        text: '# a',
        metadata: { 'a2a-gateway:mediaType': 'text/markdown', 'a2a-gateway:filename': 'a.md', b: 1 },
      },
      { text: '# a', mediaType: 'text/markdown', filename: 'a.md', metadata: { b: 1 } },
    ],
    [
      'a file with its bytes',
      { file: { fileWithBytes: 'aGk=', mimeType: 'text/plain', name: 'hi.txt' } },
      { raw: 'aGk=', mediaType: 'text/plain', filename: 'hi.txt' },
    ],
    [
      'a file elsewhere',
      { file: { fileWithUri: 'https://files.example/1' }, metadata: { b: 1 } },
      { url: 'https://files.example/1', metadata: { b: 1 } },
    ],
    ['data', { data: { data: { value: 1 } } }, { data: { value: 1 } }],
    [
      'data of a media type',
      { data: { data: {} }, metadata: { 'a2a-gateway:mediaType': 'application/json' } },
      { data: {}, mediaType: 'application/json' },
    ],
    [
      'data that is a list',
      { data: { data: { value: [1] } }, metadata: { data_part_compat: true } },
      { data: [1] },
    ],
    [
      'data that is null',
      { data: { data: { value: null } }, metadata: { data_part_compat: true, b: 1 } },
      { data: null, metadata: { b: 1 } },
    ],
  ])('is the same for %s', (_title, legacy, core) => {
    expect(part.toCore(legacy, at)).toEqual(core);
    expect(part.fromCore(core, at)).toEqual(legacy);
  });

  it.each([
    [
      'the proto’s own names',
      { file: { file_with_uri: 'u', mime_type: 'a/b' } },
      { url: 'u', mediaType: 'a/b' },
    ],
    ['bytes in the other alphabet', { file: { fileWithBytes: '-_8' } }, { raw: '-_8' }],
    ['data left out as ProtoJSON does', { data: {} }, { data: {} }],
    [
      'a file’s unknown members, beside its content',
      { file: { fileWithUri: 'u', x: 1 } },
      { url: 'u', x: 1 },
    ],
  ])('reads %s', (_title, legacy, core) => {
    expect(part.toCore(legacy, at)).toEqual(core);
  });

  it('gains no content on the way', () => {
    const spelled = { raw: 'eA==', URL: 'x', media_type: 'x', fileName: 'x' };
    expect(part.toCore({ text: 'a', ...spelled }, at)).toEqual({ text: 'a' });
    expect(part.fromCore({ text: 'a', file: {}, File: {} }, at)).toEqual({ text: 'a' });
  });

  it.each([
    [null, 'result is no object'],
    [{}, 'result has no content'],
    [{ text: null }, 'result has no content'],
    [{ text: 'a', data: {} }, 'result has two contents'],
    [{ text: 1 }, 'text is no text'],
    [{ file: [] }, 'file is no object'],
    [{ file: {} }, 'file has not one of fileWithUri and fileWithBytes'],
    [{ file: { fileWithUri: 'u', fileWithBytes: 'b' } }, 'file has not one of fileWithUri and fileWithBytes'],
    [{ file: { fileWithUri: 1 } }, 'file.fileWithUri is no text'],
    [{ data: 'x' }, 'data is no object'],
    [{ text: 'a', metadata: [] }, 'metadata is no object'],
  ])('is refused as %j', (legacy, problem) => {
    expect(failureOf(() => part.toCore(legacy, at))).toEqual({ code: 'upstream_response_invalid', problem });
  });

  it.each([
    [[], 'result is no object'],
    [{ mediaType: 'a/b' }, 'result has no content'],
    [{ raw: 'a', url: 'b' }, 'result has two contents'],
    [{ raw: 1 }, 'raw is no text'],
  ])('of core is refused as %j', (core, problem) => {
    expect(failureOf(() => part.fromCore(core, at))).toEqual({ code: 'upstream_response_invalid', problem });
  });
});
