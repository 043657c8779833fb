import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { UpstreamRequest, UpstreamResponse } from '../../src/ports.ts';
import { failsWith, holding, request, serving, textOf } from '../support/upstream-servers.ts';
import type { UpstreamContractOptions } from './upstream.ts';

const total = failsWith('upstream_timeout', { phase: 'total' });
const short = { totalTimeoutMs: 500 };

async function readByChunks(response: UpstreamResponse): Promise<void> {
  for await (const _ of response.chunks());
}

/** What every adapter of the Upstream port promises of a limit on the call as a whole. */
export function upstreamTotalContract(name: string, { open }: UpstreamContractOptions): void {
  function get(url: URL, more: Partial<UpstreamRequest> = {}): Promise<UpstreamResponse> {
    return open().send(request(url, more));
  }

  /** Another call with the same limit has come to its end: so would one that began before. */
  async function untilShortIsOver(): Promise<void> {
    const { url } = await holding('nothing');
    await expect(get(url, short)).rejects.toMatchObject(total);
  }

  describe(`the upstream contract on the whole of a call: ${name}`, () => {
    it('ends connecting', async () => {
      const dial = () => new Promise<Socket>(() => {});
      const sent = open({ dial }).send(request(new URL('http://127.0.0.1:9999/'), short));
      await expect(sent).rejects.toMatchObject(total);
    });

    it.each([50, 150])('ends the waiting for headers after %i ms', async (totalTimeoutMs) => {
      const { url, gone } = await holding('nothing');
      await expect(get(url, { totalTimeoutMs })).rejects.toMatchObject(total);
      await gone;
    });

    it('ends a body that drips', async () => {
      const url = await serving((_, outgoing) => {
        const drip = setInterval(() => outgoing.write('a'), 5);
        outgoing.on('close', () => clearInterval(drip));
      });
      const response = await get(url, short);
      await expect(response.bytes(1_000_000)).rejects.toMatchObject(total);
    });

    it('ends a body that is asked for when the time is over', async () => {
      const { url, gone } = await holding();
      const response = await get(url, short);
      await untilShortIsOver();
      await expect(response.bytes(100)).rejects.toMatchObject(total);
      await gone;
    });

    it('ends what is read by chunks and drips', async () => {
      const url = await serving((_, outgoing) => {
        const drip = setInterval(() => outgoing.write('a'), 5);
        outgoing.on('close', () => clearInterval(drip));
      });
      await expect(readByChunks(await get(url, short))).rejects.toMatchObject(total);
    });

    it('ends what is read by chunks when the time is over', async () => {
      const { url, gone } = await holding();
      const response = await get(url, short);
      await untilShortIsOver();
      await expect(readByChunks(response)).rejects.toMatchObject(total);
      await gone;
    });

    it('is not the limit that is met where another is shorter', async () => {
      const silent = await holding('nothing');
      const headers = get(silent.url, { headersTimeoutMs: 50, totalTimeoutMs: 10_000 });
      await expect(headers).rejects.toMatchObject(failsWith('upstream_timeout', { phase: 'headers' }));
      const { url } = await holding();
      const body = (await get(url, { idleTimeoutMs: 50, totalTimeoutMs: 10_000 })).bytes(100);
      await expect(body).rejects.toMatchObject(failsWith('upstream_timeout', { phase: 'body' }));
    });

    it('lets pass what comes in time', async () => {
      const url = await serving((_, outgoing) => outgoing.end('ok'));
      expect(await textOf(await get(url, { totalTimeoutMs: 10_000 }))).toBe('ok');
    });
  });
}
