import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditSegment } from '../store/ports/audit.ts';
import { exportedLines, exportedSegments } from './export.ts';

const segment: AuditSegment = {
  ...{ chainId: 'c-1', sequence: 2, atMs: 5, expiresAtMs: 9, seal: '1.seal' },
  ...{ previousSeal: '1.before', previousAtMs: 4, previousExpiresAtMs: 8 },
  records: '{"event":"call","n":1}\n{"event":"change","before":{"10":0,"2":"ü"}}\n',
};

/** A line of the export's as one that says it could not be read, whose text is the record. */
function unreadable(line: string, more = ''): string {
  const { chainId, sequence, ...record } = JSON.parse(line);
  return `{"chainId":"${chainId}","sequence":${sequence},${more}"unreadable":${JSON.stringify(JSON.stringify(record))}}`;
}

async function readBack(lines: readonly string[]): Promise<AuditSegment[]> {
  const segments: AuditSegment[] = [];
  for await (const found of exportedSegments(lines)) segments.push(found);
  return segments;
}

describe('an export', () => {
  it('has a record a line with its place, and a line for the segment', () => {
    const [one, two, three] = [...exportedLines(segment)].map((line) => JSON.parse(line));
    expect(one).toEqual({ chainId: 'c-1', sequence: 2, event: 'call', n: 1 });
    expect(two).toMatchObject({ chainId: 'c-1', sequence: 2, event: 'change' });
    const { records: _, ...members } = segment;
    expect(three).toEqual({ event: 'segment', ...members });
  });

  it('is read back as it was, byte for byte, whatever the segments hold', async () => {
    const record = fc
      .dictionary(fc.string({ unit: 'binary' }), fc.jsonValue())
      .map((members) => JSON.stringify(members));
    // What somebody may have written into the store.
    const forged = fc.oneof(
      fc.constantFrom('', '{}', '{', '{"event":"segment","seal":""}', '{"unreadable":1}', '{"chainId":"x"}'),
      fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\n', '')),
    );
    const segments = fc
      .array(fc.array(fc.oneof(record, forged), { maxLength: 4 }), { maxLength: 4 })
      .map((all) =>
        all.map((lines, n): AuditSegment => {
          const records = lines.map((line) => `${line}\n`).join('');
          return { ...segment, chainId: n % 2 === 0 ? 'a' : 'b', sequence: n, records };
        }),
      );
    await fc.assert(
      fc.asyncProperty(segments, async (given) => {
        expect(await readBack(given.flatMap((one) => [...exportedLines(one)]))).toEqual(given);
      }),
    );
  });

  it('has no segment of whatever lines were put in, taken out or moved', async () => {
    const lines = [
      ...exportedLines(segment),
      ...exportedLines({ ...segment, sequence: 3, previousSeal: '1.seal', seal: '1.next' }),
    ];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(lines.length - 1), { maxLength: 8 }), async (order) => {
        fc.pre(order.join() !== '0,1,2,3,4,5');
        const found = await readBack(order.map((n) => lines[n] ?? ''));
        const whole = found.filter(({ seal, records }) => seal !== '' && records === segment.records);
        const isUntouched = found.length === 2 && whole.map(({ sequence }) => sequence).join() === '2,3';
        expect(isUntouched).toBe(false);
      }),
    );
  });

  it.each([
    ['told as one that cannot be read', (line: string) => unreadable(line)],
    ['told as another beside what it was', (line: string) => unreadable(line, '"event":"call","n":7,')],
    ['under a member that is there twice', (line: string) => line.replace('{', '{"event":"change",')],
    ['spaced otherwise', (line: string) => line.replace('{', '{ ')],
    ['in other words of JSON', (line: string) => line.replace('"event"', '"\\u0065vent"')],
    ['with another member', (line: string) => line.replace(/}$/, ',"note":"paid"}')],
  ])('has no segment of which a line is %s', async (_, edit) => {
    const lines = [...exportedLines(segment)];
    for (const edited of lines.keys()) {
      const found = await readBack(lines.map((line, n) => (n === edited ? edit(line) : line)));
      expect(found.filter(({ records }) => records === segment.records)).toEqual([]);
    }
  });

  it('is refused at the first line that no export holds', async () => {
    for (const line of ['', 'x', '[]', '{}', '{"chainId":1,"sequence":1}', '{"chainId":"c","sequence":1.5}'])
      await expect(readBack([...exportedLines(segment), line])).rejects.toThrow(/^line 4 /);
    const unsealed = '{"chainId":"c-1","sequence":2,"event":"segment","atMs":5}';
    await expect(readBack([unsealed])).rejects.toThrow(/^line 1 /);
  });
});
