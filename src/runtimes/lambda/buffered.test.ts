import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { contextWith, proxyEvent, responseOf } from '../../../test/support/lambda-events.ts';
import { createBufferedHandler, toProxyResult } from './buffered.ts';

const log = { write: () => {} };

describe('an answer in one piece', () => {
  it('is text where it is, its byte order mark included', async () => {
    const result = await toProxyResult(new Response('\ufeff{"a":"🐎"}', { status: 201 }));
    expect(result).toMatchObject({ statusCode: 201, body: '\ufeff{"a":"🐎"}', isBase64Encoded: false });
  });

  it('is whole whatever its bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array(), async (bytes) => {
        const response = responseOf(await toProxyResult(new Response(bytes)));
        expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
      }),
    );
  });

  it('is empty where the response is', async () => {
    const result = await toProxyResult(
      new Response(null, { status: 204, headers: [['connection', 'close']] }),
    );
    expect(result).toEqual({ statusCode: 204, multiValueHeaders: {}, body: '', isBase64Encoded: false });
  });

  it('is a 500 where the body breaks off', async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('inside')) });
    const handler = createBufferedHandler({ answer: async () => new Response(body), log });
    const { statusCode, body: text } = await handler(proxyEvent('/'), contextWith());
    expect(statusCode).toBe(500);
    expect(text).not.toContain('inside');
  });

  it('leaves no timer behind', async () => {
    vi.useFakeTimers();
    const handler = createBufferedHandler({ answer: async () => new Response(null), log });
    await handler(proxyEvent('/'), contextWith());
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });
});
