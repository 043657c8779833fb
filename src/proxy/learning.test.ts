import { describe, expect, it } from 'vitest';
import type { CallIds } from '../protocol/call-ids.ts';
import type { ForwardedResponse } from './forward.ts';
import { learnFrom, learningFrom } from './learning.ts';

const silent: ForwardedResponse = {
  status: 200,
  header: () => undefined,
  trailer: () => undefined,
  bytes: async () => new Uint8Array(),
  async *chunks() {},
  close() {},
};

/** A response whose ids somebody wants to know, and what they were told. */
function asked(): { response: ForwardedResponse; learned: CallIds[] } {
  const learned: CallIds[] = [];
  return { response: { ...silent, learn: async (ids) => void learned.push(ids) }, learned };
}

const task = { task: { id: 't', contextId: 'c', status: {} } };

describe('an answer', () => {
  it('tells its ids', async () => {
    const { response, learned } = asked();
    await learnFrom(response, task);
    expect(learned).toEqual([{ contextId: 'c', taskId: 't' }]);
  });

  it('without ids tells nothing', async () => {
    const { response, learned } = asked();
    for (const result of [undefined, null, {}, { tasks: [] }]) await learnFrom(response, result);
    expect(learned).toEqual([]);
  });

  it('that nobody asks about is left alone', async () => {
    await learnFrom(silent, task);
  });
});

describe('a stream', () => {
  /** What is learned of each of these pieces; false where there was nothing to wait for. */
  async function learnedOf(...pieces: string[]): Promise<(CallIds[] | false)[]> {
    const { response, learned } = asked();
    const look = learningFrom(response, (event) => event);
    const answers: (CallIds[] | false)[] = [];
    for (const piece of pieces) {
      const looking = look?.(new TextEncoder().encode(piece));
      await looking;
      answers.push(looking === undefined ? false : learned.splice(0));
    }
    return answers;
  }

  const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
  const both = { contextId: 'c', taskId: 't' };

  it('tells the ids of its first event, and is not looked at any more', async () => {
    const other = event({ task: { id: 'x', contextId: 'y', status: {} } });
    expect(await learnedOf(event(task), event(task), other)).toEqual([[both], false, false]);
  });

  it('is looked at until both ids are known', async () => {
    const [first, second] = [{ message: { contextId: 'c' } }, { statusUpdate: { taskId: 't' } }];
    const nothing = ': hi\n\n';
    expect(await learnedOf(nothing, event(first), nothing, event(first), event(second), event(task))).toEqual(
      [false, [{ contextId: 'c' }], false, false, [both], false],
    );
  });

  it('keeps the first of each id', async () => {
    const update = { statusUpdate: { contextId: 'other', taskId: 't' } };
    expect(await learnedOf(event({ message: { contextId: 'c' } }), event(update))).toEqual([
      [{ contextId: 'c' }],
      [both],
    ]);
  });

  it('is looked at through several events of a piece, and at what no empty line ends', async () => {
    const pieces = event({}) + event({ message: { contextId: 'c' } }) + event(task);
    expect(await learnedOf(pieces)).toEqual([[both]]);
    expect(await learnedOf(event(task).trimEnd())).toEqual([[both]]);
  });

  it('may hold anything', async () => {
    const odd = ['data: {"task"\n\n', 'data\n\n', '\n', 'data: null\n\n', 'data: [1]\n\n', '\ufffd\n\n'];
    expect(await learnedOf(...odd, event(task))).toEqual([...odd.map(() => false), [both]]);
  });

  it('that nobody asks about is not looked at', () => {
    expect(learningFrom(silent, (value) => value)).toBeUndefined();
  });
});
