import { describe, expect, it } from 'vitest';
import { diesWithItsReader, eventually, functionOf, textOf } from './support.ts';

/** A handler whose stream is the answer. */
const streamed = (body: string) =>
  `export const handler = awslambda.streamifyResponse(async (event, stream, context) => {${body}});`;

describe('a function', () => {
  it('gets the event and a context, and answers in one piece', async () => {
    const called = await functionOf(
      `export const handler = async (event, context) => ({
      event, arn: context.invokedFunctionArn, hasTime: context.getRemainingTimeInMillis() > 5_000,
      variables: Object.keys(process.env), region: process.env.AWS_REGION, own: process.env.OWN });`,
      { environment: { OWN: 'set' } },
    );
    const answer = JSON.parse(await textOf(await called.invoke({ a: 'ä' })));
    expect(answer).toMatchObject({
      event: { a: 'ä' },
      arn: called.definition.arn,
      hasTime: true,
      region: 'us-east-1',
      own: 'set',
    });
    // Nothing of this machine's environment.
    expect(answer.variables).not.toContain('HOME');
  });

  it('keeps its process between calls, and has one for each call at once', async () => {
    const called = await functionOf(`const id = process.pid; let calls = 0;
      export const handler = async ({ waitMs }) => {
        calls += 1; const mine = calls;
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        return { id, calls: mine };
      };`);
    const call = async (waitMs: number) => JSON.parse(await textOf(await called.invoke({ waitMs })));
    // The answer comes a moment before the process asks for its next event.
    await eventually(async () => (await call(0)).calls).toBeGreaterThan(1);
    const [one, other] = await Promise.all([call(50), call(50)]);
    expect(one.id).not.toBe(other.id);
  });

  it('that throws answers with its error, and lives on', async () => {
    const called = await functionOf(`let calls = 0; export const handler = async () => {
      calls += 1;
      if (calls === 1) throw new RangeError('too far');
      return calls;
    };`);
    await expect(called.invoke({})).rejects.toMatchObject({ errorType: 'RangeError', message: 'too far' });
    await eventually(async () => textOf(await called.invoke({}))).toBe('2');
  });

  it.each([
    ['throws while it loads', 'throw new TypeError("broken");', 'TypeError'],
    ['has no handler', 'export const other = 1;', 'Runtime.HandlerNotFound'],
    ['exits while it loads', 'process.exit(3);', 'Runtime.ExitError'],
    ['exits in a call', 'export const handler = () => process.exit(3);', 'Runtime.ExitError'],
  ])('that %s fails its call', async (_, source, errorType) => {
    const called = await functionOf(source);
    await expect(called.invoke({})).rejects.toMatchObject({ errorType });
  });

  it('that takes too long is killed, and the next call has a new process', async () => {
    const source = `export const handler = ({ stall }) => stall ? new Promise(() => setInterval(() => {}, 1000)) : 'quick';`;
    const called = await functionOf(source, { timeoutSeconds: 0.2 });
    await expect(called.invoke({ stall: true })).rejects.toMatchObject({
      errorType: 'Sandbox.Timedout',
      message: 'Task timed out after 0.20 seconds',
    });
    expect(await textOf(await called.invoke({}))).toBe('"quick"');
  });

  it('is refused beyond its concurrency, and when its answer is too large', async () => {
    const source = `export const handler = async ({ size }) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return 'x'.repeat(size);
    };`;
    const called = await functionOf(source, { reservedConcurrency: 1 });
    const first = called.invoke({ size: 7_000_000 });
    await expect(called.invoke({ size: 1 })).rejects.toMatchObject({ errorType: 'TooManyRequestsException' });
    await expect(first).rejects.toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
  });
});

describe('a function that streams', () => {
  it('hands on each piece when it is written', async () => {
    const called = await functionOf(
      streamed(`
      stream.setContentType('text/plain');
      stream.write('one');
      await new Promise((resolve) => setTimeout(resolve, 100));
      stream.write({ two: 2 });
      stream.end();`),
    );
    const answer = await called.invoke({});
    if (answer.mode !== 'streaming') throw new Error('no stream');
    expect(answer.contentType).toBe('text/plain');
    const pieces: string[] = [];
    for await (const chunk of answer.chunks) pieces.push(Buffer.from(chunk).toString());
    expect(pieces).toEqual(['one', '{"two":2}']);
  });

  it('puts a prelude before the first piece', async () => {
    const called = await functionOf(
      streamed(`
      const body = awslambda.HttpResponseStream.from(stream, { statusCode: 201 });
      body.write('body'); body.end();`),
    );
    expect(await textOf(await called.invoke({}))).toBe('{"statusCode":201}\0\0\0\0\0\0\0\0body');
  });

  it('sees no more of the stream than on AWS', async () => {
    const called = await functionOf(
      streamed(`
      stream.write(JSON.stringify([typeof stream.pipe, typeof stream.once, typeof stream.socket, stream.writable]));
      stream.end();`),
    );
    expect(await textOf(await called.invoke({}))).toBe('["undefined","function","undefined",true]');
  });

  it('breaks off with its error behind what was sent', async () => {
    const called = await functionOf(
      streamed(`
      stream.write('begun');
      await new Promise((resolve) => setTimeout(resolve, 50));
      throw new RangeError('broke off');`),
    );
    const answer = await called.invoke({});
    await expect(textOf(answer)).rejects.toMatchObject({ errorType: 'RangeError', message: 'broke off' });
  });

  it('fails when its handler is over and its stream is not', async () => {
    const called = await functionOf(streamed(`stream.write('begun');`), { timeoutSeconds: 0.3 });
    const answer = await called.invoke({});
    await expect(textOf(answer)).rejects.toMatchObject({ errorType: 'Sandbox.Timedout' });
  });

  it('is slowed down by a slow reader', async () => {
    const called = await functionOf(
      streamed(`
      const chunk = Buffer.alloc(64 * 1024);
      let written = 0;
      for (; written < 2000 && stream.write(chunk); written += 1) await new Promise(setImmediate);
      console.log('stopped at', written < 2000 ? 'once' : 'last');
      await new Promise((resolve) => stream.once('drain', resolve));
      stream.end();`),
    );
    const answer = await called.invoke({});
    await eventually(() => called.lines.join()).toContain('stopped at once');
    expect((await textOf(answer)).length).toBeGreaterThan(0);
  });

  it.skipIf(diesWithItsReader)('learns that its reader left, and takes the next call', async () => {
    const called = await functionOf(
      streamed(`
      if (event.again) { stream.write('again'); stream.end(); return; }
      const closed = new Promise((resolve) => stream.once('close', resolve));
      stream.on('error', () => {});
      stream.write('begun');
      await closed;
      console.log('closed', stream.destroyed);`),
      { reservedConcurrency: 1 },
    );
    const answer = await called.invoke({});
    if (answer.mode !== 'streaming') throw new Error('no stream');
    for await (const _ of answer.chunks) break;
    await eventually(() => called.lines.join()).toContain('closed true');
    // The only process there may be.
    const again = () => called.invoke({ again: true }).then(textOf, () => 'busy');
    await eventually(again).toBe('again');
  });

  it.skipIf(diesWithItsReader)('learns that its reader left before the first byte', async () => {
    const called = await functionOf(
      streamed(`
      console.log('thinks');
      stream.on('error', () => {});
      await new Promise((resolve) => stream.once('close', resolve));
      console.log('closed', stream.destroyed);`),
    );
    const reader = new AbortController();
    const answer = called.invoke({}, reader.signal);
    answer.catch(() => {});
    await eventually(() => called.lines.join()).toContain('thinks');
    reader.abort();
    await expect(answer).rejects.toMatchObject({ errorType: 'Runtime.ReaderLeft' });
    await eventually(() => called.lines.join()).toContain('closed true');
  });
});
