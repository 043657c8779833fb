import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNoteHop } from './hops.ts';

const limits = { maxHops: 8, maxRepeats: 2 };
const note = createNoteHop({ ...limits, publicUrl: 'https://agents.example' });
const agent = (agentId: string) => ({ agentId });

/** What the header says after a call has passed these agents, each of which hands on what it got. */
async function passing(agentIds: readonly string[], tracestate?: string, by = note): Promise<string> {
  let headers: Readonly<Record<string, string>> = tracestate === undefined ? {} : { tracestate };
  for (const agentId of agentIds) headers = await by(agent(agentId), headers);
  return headers.tracestate ?? '';
}

const refusal = (rule: string, limit: number) =>
  expect.objectContaining({ failure: { code: 'call_loop', rule, limit } });

describe('the record of the agents a call has passed', () => {
  it('is the first member of tracestate, and names each by a digest in the order of the calls', async () => {
    expect(await passing(['a'])).toMatch(/^a2a-gateway=[0-9a-f]{8}$/);
    const [a, b] = await Promise.all(['a', 'b'].map(async (id) => (await passing([id])).slice(-8)));
    expect(await passing(['a', 'b', 'a'])).toBe(`a2a-gateway=${a}.${b}.${a}`);
  });

  it('leaves the members of others as they are, and drops the oldest where there are too many', async () => {
    const others = Array.from({ length: 32 }, (_, index) => `v${index}@x= ${index}`);
    const members = (await passing(['a'], others.join(' ,\t'))).split(',');
    expect(members.slice(1)).toEqual(others.slice(0, 31));
    const again = (await passing(['b'], members.join(','))).split(',');
    expect(again.slice(1)).toEqual(others.slice(0, 31));
    expect((await passing(['a'], 'x=1,,y=2,')).split(',').slice(1)).toEqual(['x=1', 'y=2']);
  });

  it('is in a header that whoever comes next takes whole, whatever others have put there', async () => {
    const note = (chars: number) => passing(['a', 'b'], `x=1,big=${'x'.repeat(chars)},y=2`);
    const room = 512 - (await note(1)).length + 1;
    expect((await note(room)).length).toBe(512);
    expect((await note(room)).split(',').slice(1)).toEqual(['x=1', `big=${'x'.repeat(room)}`, 'y=2']);
    expect((await note(room + 1)).split(',').slice(1)).toEqual(['x=1', `big=${'x'.repeat(room + 1)}`]);
    expect((await note(room + 5)).split(',').slice(1)).toEqual(['x=1']);
    expect((await note(8_000)).split(',').slice(1)).toEqual(['x=1']);
  });

  it('moves to the front when others have put theirs before it, and is there once', async () => {
    const before = await passing(['a']);
    const after = await passing(['b'], `x=1,${before},y=2,a2a-gateway=00000000`);
    expect(after).toMatch(new RegExp(`^${before}\\.[0-9a-f]{8},x=1,y=2$`));
  });

  it('leaves the other headers as they are', async () => {
    expect(await note(agent('a'), { traceparent: '00-1', accept: 'x' })).toEqual({
      ...{ traceparent: '00-1', accept: 'x', tracestate: expect.anything() },
    });
  });

  it('tells agents of one gateway from those of another', async () => {
    const elsewhere = createNoteHop({ ...limits, publicUrl: 'https://other.example' });
    expect(await passing(['a'])).not.toBe(await passing(['a'], undefined, elsewhere));
    await expect(passing(['a', 'a', 'a'])).rejects.toThrow();
    await expect(passing(['a'], await passing(['a', 'a'], undefined, elsewhere))).resolves.toBeDefined();
  });

  it('is begun anew where what is there is no record', async () => {
    const values = [
      '',
      'x',
      '0123456',
      '012345678',
      '01234567.',
      '01234567..89abcdef',
      '0123456G',
      '01234567=1',
    ];
    for (const value of [...values, Array.from({ length: 29 }, () => '01234567').join('.')])
      expect(await passing(['a'], `a2a-gateway=${value}`)).toBe(await passing(['a']));
  });

  it('holds whatever strangers send, and what it makes may be sent', async () => {
    const member = fc.oneof(fc.string(), fc.constantFrom('a2a-gateway=01234567', 'a2a-gateway=', 'x=1', '='));
    await fc.assert(
      fc.asyncProperty(fc.array(member, { maxLength: 40 }), async (members) => {
        const made = (await passing(['a'], members.join(','))).split(',');
        expect(made[0]).toMatch(/^a2a-gateway=(?:01234567\.)?[0-9a-f]{8}$/);
        expect(made.length).toBeLessThanOrEqual(32);
        expect(made.join().length).toBeLessThanOrEqual(512);
        expect(made.filter((each) => each.startsWith('a2a-gateway='))).toHaveLength(1);
      }),
    );
  });
});

describe('a call', () => {
  it('may pass as many agents as the limit says, and no more', async () => {
    const eight = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    expect((await passing(eight)).length).toBeLessThanOrEqual(256);
    await expect(passing([...eight, 'i'])).rejects.toThrow(refusal('hops', 8));
  });

  it('may pass an agent as often as the limit says, and no more', async () => {
    await passing(['a', 'b', 'a', 'b']);
    await expect(passing(['a', 'b', 'a', 'b', 'a'])).rejects.toThrow(refusal('repeats', 2));
    await expect(passing(['a', 'a', 'a'])).rejects.toThrow(refusal('repeats', 2));
  });

  it('has room for the longest record that may be set', async () => {
    const most = createNoteHop({ maxHops: 28, maxRepeats: 28, publicUrl: 'https://agents.example' });
    const record =
      (
        await passing(
          Array.from({ length: 28 }, () => 'a'),
          undefined,
          most,
        )
      ).split('=')[1] ?? '';
    expect(record).toHaveLength(251);
    await expect(passing(['a'], `a2a-gateway=${record}`, most)).rejects.toThrow(refusal('hops', 28));
  });
});
