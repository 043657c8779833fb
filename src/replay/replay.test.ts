import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { createReplay, type Missed, type Replay } from './replay.ts';
import type { StreamOwner } from './stream-log.ts';

const limits = { maxStreamBytes: 10_000, maxBytes: 100_000, retentionMs: 1_000 };
const owner: StreamOwner = {
  issuer: 'https://issuer.example',
  subject: 'alice',
  clientId: 'app',
  agentId: 'agent',
  agentCreatedAtMs: 1,
  binding: 'JSONRPC',
  version: '1.0',
};

let nowMs: number;
let made: number;
let replay: Replay;

function open(more: Partial<typeof limits> = {}): void {
  nowMs = 1_000_000;
  made = 0;
  replay = createReplay({ ...limits, ...more }, { clock: { nowMs: () => nowMs }, newId: () => `s${++made}` });
}
beforeEach(() => open());

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (missed: Missed | undefined) =>
  missed?.events.map((piece) => new TextDecoder().decode(piece)).join('');

/** Records events of a stream about task `t`, each piece by itself; answers what the caller got. */
function record(...pieces: string[]): string {
  const recorder = replay.record(owner, 't');
  return pieces.map((piece) => new TextDecoder().decode(recorder?.take(bytesOf(piece)))).join('');
}

const event = (n: number) => `data: ${n}\n\n`;
const events = (count: number) => Array.from({ length: count }, (_, index) => event(index + 1));

describe('what was missed', () => {
  it('is all that came after the event with the id', () => {
    const got = record(event(1), event(2) + event(3), event(4));
    expect(textOf(replay.missed('gateway-s1.1', owner, 't'))).toBe(
      got.slice(got.indexOf('id: gateway-s1.2')),
    );
    expect(textOf(replay.missed('gateway-s1.2', owner, 't'))).toBe(
      got.slice(got.indexOf('id: gateway-s1.3')),
    );
    expect(textOf(replay.missed('gateway-s1.3', owner, 't'))).toBe('id: gateway-s1.4\ndata: 4\n\n');
    expect(replay.missed('gateway-s1.4', owner, 't')).toEqual({ streamId: 's1', events: [] });
  });

  it('is what is left of the stream, whatever pieces it came in and wherever it broke off', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 }), (sizes) => {
        open();
        let count = 0;
        const pieces = sizes.map((size) => Array.from({ length: size }, () => event(++count)).join(''));
        const got = record(...pieces);
        for (let seen = 1; seen < count; seen++) {
          const missed = textOf(replay.missed(`gateway-s1.${seen}`, owner, 't'));
          expect(missed).toBe(got.slice(got.indexOf(`id: gateway-s1.${seen + 1}\n`)));
        }
      }),
    );
  });

  it.each<[string, string]>([
    ['unknown', 'gateway-s9.1'],
    ['not of ours', '7'],
    ['empty', ''],
    ['without a number', 'gateway-s1'],
    ['of event 0', 'gateway-s1.0'],
    ['of an event that has not been', 'gateway-s1.3'],
    ['of a number beyond all', 'gateway-s1.99999999999999999999'],
  ])('is nothing for an id that is %s', (_, id) => {
    record(event(1), event(2));
    expect(replay.missed('gateway-s1.1', owner, 't')).toBeDefined();
    expect(replay.missed(id, owner, 't')).toBeUndefined();
  });

  it.each<[keyof StreamOwner, string | number | undefined]>([
    ['issuer', 'https://other.example'],
    ['subject', 'bob'],
    ['clientId', 'other'],
    ['clientId', undefined],
    ['agentId', 'other'],
    ['agentCreatedAtMs', 2],
    ['binding', 'HTTP+JSON'],
    ['version', '0.3'],
  ])('is nothing for another %s', (name, value) => {
    record(event(1), event(2));
    expect(replay.missed('gateway-s1.1', { ...owner, [name]: value }, 't')).toBeUndefined();
  });

  it('is nothing of another task, nor of a stream that showed none', () => {
    record(event(1), event(2));
    expect(replay.missed('gateway-s1.1', owner, 'u')).toBeUndefined();
    const recorder = replay.record(owner, undefined);
    recorder?.take(bytesOf(event(1) + event(2)));
    expect(replay.missed('gateway-s2.1', owner, 't')).toBeUndefined();
  });

  it('is nothing where the agent numbers its events, which stay as they are', () => {
    expect(record(event(1), 'id: 5\ndata: 2\n\n', event(3))).toBe(
      `id: gateway-s1.1\n${event(1)}id: 5\ndata: 2\n\n${event(3)}`,
    );
    expect(replay.missed('gateway-s1.1', owner, 't')).toBeUndefined();
    expect(replay.heldBytes).toBe(0);
  });
});

describe('what is held', () => {
  it('of one stream is its end, and nothing is given with a gap', () => {
    open({ maxStreamBytes: 1_000 });
    record(...events(100));
    expect(replay.heldBytes).toBeLessThanOrEqual(1_000);
    expect(replay.missed('gateway-s1.50', owner, 't')).toBeUndefined();
    expect(textOf(replay.missed('gateway-s1.98', owner, 't'))).toContain('data: 99\n\nid: gateway-s1.100\n');
  });

  it('of one stream is nothing of a piece that is larger than all of it may be', () => {
    open({ maxStreamBytes: 1_000 });
    record(event(1), `data: ${'x'.repeat(1_000)}\n\n`);
    expect(replay.heldBytes).toBe(0);
    expect(replay.missed('gateway-s1.1', owner, 't')).toBeUndefined();
  });

  it('of all streams is no more than may be, and the one that spoke last', () => {
    open({ maxBytes: 2_000 });
    const first = replay.record(owner, 't');
    first?.take(bytesOf(event(1)));
    for (let count = 0; count < 50; count++) record(event(1), event(2));
    first?.take(bytesOf(event(2) + event(3)));
    expect(replay.heldBytes).toBeLessThanOrEqual(2_000);
    expect(replay.missed('gateway-s2.1', owner, 't')).toBeUndefined();
    // Its first event was let go, so only what follows its second is without a gap.
    expect(replay.missed('gateway-s1.1', owner, 't')).toBeDefined();
    expect(textOf(replay.missed('gateway-s1.2', owner, 't'))).toBe('id: gateway-s1.3\ndata: 3\n\n');
  });

  it('is let go some time after the last event of a stream', () => {
    record(event(1), event(2));
    nowMs += 999;
    expect(replay.missed('gateway-s1.1', owner, 't')).toBeDefined();
    nowMs += 1;
    expect(replay.missed('gateway-s1.1', owner, 't')).toBeUndefined();
    expect(replay.heldBytes).toBe(0);
  });

  it('is kept for longer where somebody is expected, unless it is gone already', () => {
    const recorder = replay.record(owner, 't');
    expect(recorder?.renew()).toBe(false);
    recorder?.take(bytesOf(event(1)));
    nowMs += 999;
    expect(recorder?.renew()).toBe(true);
    nowMs += 999;
    expect(replay.missed('gateway-s1.1', owner, 't')).toBeDefined();
    nowMs += 1;
    expect([recorder?.renew(), replay.heldBytes]).toEqual([false, 0]);
  });

  it('is let go when another stream speaks', () => {
    record(event(1), event(2));
    const alone = replay.heldBytes;
    nowMs += 1_000;
    record(event(1), event(2));
    expect(replay.heldBytes).toBe(alone);
  });

  it('is nothing before the first event, and nothing of comments', () => {
    expect(record(': hi\n\n')).toBe(': hi\n\n');
    expect(replay.heldBytes).toBe(0);
    expect(replay.record(owner, 't')).toBeDefined();
  });

  it('is nothing at all where nothing may be held', () => {
    open({ maxStreamBytes: 0 });
    expect(replay.record(owner, 't')).toBeUndefined();
  });

  it('never exceeds its limits, and gives the end of a stream or nothing', () => {
    const act = fc.record({ stream: fc.nat(3), size: fc.nat(900), passMs: fc.nat(600) });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        open({ maxStreamBytes: 1_500, maxBytes: 4_000 });
        const streams = Array.from({ length: 4 }, () => ({ recorder: replay.record(owner, 't'), got: '' }));
        for (const { stream, size, passMs } of acts) {
          nowMs += passMs;
          const at = streams[stream];
          const given = at?.recorder?.take(bytesOf(`data: ${'x'.repeat(size)}\n\n`));
          if (at !== undefined) at.got += new TextDecoder().decode(given);
          expect(replay.heldBytes).toBeLessThanOrEqual(4_000);
        }
        for (const { got } of streams) {
          for (const [, id = ''] of got.matchAll(/id: (.*)\n/g)) {
            const missed = textOf(replay.missed(id, owner, 't')) ?? '';
            expect(missed.length === 0 || got.endsWith(missed)).toBe(true);
            const isLast = got.slice(got.indexOf(`id: ${id}\n`)).match(/id: /g)?.length === 1;
            if (missed.length > 0) expect(isLast).toBe(false);
          }
        }
      }),
    );
  });
});
