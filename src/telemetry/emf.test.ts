import { describe, expect, it } from 'vitest';
import type { Log } from '../ports.ts';
import { createConfiguredLog } from '../runtimes/node/log.ts';
import { withMetrics } from './emf.ts';

type Line = Record<string, unknown> & { level: string };

/** The line written for an event. */
function lineOf(...given: Parameters<Log['write']>): Line {
  const written: Line[] = [];
  const log: Log = { write: (level, event, fields) => void written.push({ level, event, ...fields }) };
  withMetrics(log, { namespace: 'Gateway', environment: 'prod' }).write(...given);
  const [line] = written;
  if (line === undefined) throw new Error('nothing written');
  return line;
}

function request(fields: Record<string, unknown>): Line {
  return lineOf('info', 'request', { durationMs: 12, status: 200, ...fields });
}

describe('a request', () => {
  it('is counted by environment, and by environment and operation', () => {
    const line = request({ operation: 'SendMessage', agentId: 'a', subject: 's' });
    expect(line).toMatchObject({
      Requests: 1,
      Errors: 0,
      Refusals: 0,
      DurationMs: 12,
      agentId: 'a',
      subject: 's',
    });
    expect(line).toMatchObject({ Environment: 'prod', Operation: 'SendMessage' });
    expect(line._aws).toEqual({
      Timestamp: expect.any(Number),
      CloudWatchMetrics: [
        {
          Namespace: 'Gateway',
          Dimensions: [['Environment'], ['Environment', 'Operation']],
          Metrics: [
            { Name: 'Requests', Unit: 'Count' },
            { Name: 'Errors', Unit: 'Count' },
            { Name: 'Refusals', Unit: 'Count' },
            { Name: 'DurationMs', Unit: 'Milliseconds' },
          ],
        },
      ],
    });
  });

  it('of no operation counts as other', () => {
    expect(request({ operation: undefined }).Operation).toBe('other');
  });

  it.each([
    [503, undefined, 1, 0],
    [404, undefined, 0, 1],
    // In JSON-RPC a failure travels with status 200.
    [200, { code: 'upstream_reset' }, 1, 0],
    [200, { code: 'member_refused' }, 0, 1],
    [200, { code: 'caller_left' }, 0, 0],
    [499, { code: 'caller_left' }, 0, 0],
    [304, undefined, 0, 0],
  ])('of status %i and failure %o', (status, failure, Errors, Refusals) => {
    expect(request({ status, failure })).toMatchObject({ Errors, Refusals });
  });
});

describe('a stream', () => {
  it.each([
    [undefined, 0],
    [{ code: 'caller_left' }, 0],
    [{ code: 'upstream_reset' }, 1],
  ])('that ended with failure %o', (failure, StreamsBroken) => {
    const line = lineOf('debug', 'stream ended', { bytes: 9, failure });
    expect(line).toMatchObject({ level: 'info', StreamsEnded: 1, StreamBytes: 9, StreamsBroken });
    expect(line._aws).toMatchObject({ CloudWatchMetrics: [{ Dimensions: [['Environment']] }] });
  });
});

it('leaves other lines as they are', () => {
  expect(lineOf('debug', 'secrets swept', { swept: 1 })).toEqual({
    level: 'debug',
    event: 'secrets swept',
    swept: 1,
  });
});

it.each([
  ['carries metrics where they have a namespace', { metricsNamespace: 'Gateway' }, 'prod'],
  ['carries none where they have not', {}, undefined],
])("the Node runtime's log %s", (_, more, environment) => {
  const lines: string[] = [];
  const log = createConfiguredLog(
    { level: 'info', environment: 'prod', ...more },
    { write: (line) => void lines.push(line) },
  );
  log.write('info', 'request', { status: 200, durationMs: 1 });
  expect(JSON.parse(lines.join('')).Environment).toBe(environment);
});
