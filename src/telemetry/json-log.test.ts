import { describe, expect, it } from 'vitest';
import { createLog } from '../runtimes/node/log.ts';
import { createJsonLog } from './json-log.ts';

function lines(write: (log: ReturnType<typeof createJsonLog>) => void, level: 'debug' | 'warn' = 'debug') {
  const written: string[] = [];
  write(createJsonLog(level, (line) => written.push(line)));
  return written.map((line) => {
    expect(line).toMatch(/^[^\n]*\n$/);
    return JSON.parse(line);
  });
}

describe('a line', () => {
  it('says level, time, fields and event', () => {
    const [line] = lines((log) => log.write('info', 'request', { status: 200, absent: undefined }));
    expect(line).toEqual({ level: 'info', time: expect.any(String), status: 200, msg: 'request' });
    expect(new Date(line.time).toISOString()).toBe(line.time);
  });

  it('is not written below the level', () => {
    const written = lines((log) => {
      log.write('info', 'one');
      log.write('error', 'two');
    }, 'warn');
    expect(written.map(({ msg }) => msg)).toEqual(['two']);
  });

  it("tells a cause, and all else, as the Node runtime's does", () => {
    const cause = new Error('outer\nline', {
      cause: Object.assign(new Error('inner'), { code: 'ECONNRESET' }),
    });
    const fields = { failure: { code: 'internal' }, cause, n: 1.5, list: [1] };
    const [ours] = lines((log) => log.write('error', 'event', fields));
    const theirs: string[] = [];
    createLog('debug', { write: (line) => void theirs.push(line) }).write('error', 'event', fields);
    expect({ ...ours, level: 0, time: 0 }).toEqual({ ...JSON.parse(theirs.join('')), level: 0, time: 0 });
  });

  it('is written whatever its fields hold', () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    const hostile = {
      toJSON: () => {
        throw new Error('no');
      },
    };
    const [line] = lines((log) =>
      log.write('info', 'odd', {
        circular,
        hostile,
        big: 12n,
        good: 1,
        f: () => {},
        cause: Object.create(null),
      }),
    );
    expect(line).toMatchObject({ circular: 'not writable', big: '12', good: 1, cause: 'not writable' });
    expect(line).toMatchObject({ hostile: 'not writable', level: 'info', msg: 'odd' });
  });

  it('tells a circular cause only so deep', () => {
    const cause = new Error('round');
    cause.cause = cause;
    const [line] = lines((log) => log.write('info', 'odd', { cause }));
    expect(JSON.stringify(line).match(/round/g)?.length).toBeLessThan(10);
  });
});
