import { EventEmitter, getEventListeners, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/failure.ts';
import type { UpstreamRequest, UpstreamResponse } from '../../src/ports.ts';
import { createDial } from '../../src/upstream/dial.ts';
import {
  createServer,
  failsWith,
  holding,
  listening,
  request,
  serving,
  textOf,
} from '../support/upstream-servers.ts';
import type { UpstreamContractOptions } from './upstream.ts';

const nowhere = new URL('http://127.0.0.1:9999/');

/** Opens nothing and never answers. */
const silentDial = () => new Promise<Socket>(() => {});

/** What every adapter of the Upstream port promises of callers, readers and its own end. */
export function upstreamLifetimeContract(name: string, { open }: UpstreamContractOptions): void {
  function get(url: URL, more: Partial<UpstreamRequest> = {}): Promise<UpstreamResponse> {
    return open().send(request(url, more));
  }

  describe(`the upstream contract on lifetimes: ${name}`, () => {
    describe('a caller who leaves', () => {
      it('before the call begins ends it', async () => {
        const sent = open({ dial: silentDial }).send(
          request(nowhere, { caller: { signal: AbortSignal.abort() } }),
        );
        await expect(sent).rejects.toMatchObject(failsWith('caller_left'));
      });

      it('while connecting ends the call', async () => {
        const left = new AbortController();
        const sent = open({ dial: silentDial }).send(request(nowhere, { caller: left }));
        left.abort();
        await expect(sent).rejects.toMatchObject(failsWith('caller_left'));
      });

      it('while connecting is not called for once there is a connection', async () => {
        let calls = 0;
        const server = createServer(() => {
          calls += 1;
        });
        const url = await listening(server);
        const left = new AbortController();
        let connect = () => {};
        const dial = createDial();
        const up = open({
          dial: async (target, signal) => {
            await new Promise<void>((resolve) => {
              connect = resolve;
            });
            return dial(target, signal);
          },
        });
        const sent = up.send(request(url, { caller: left }));
        left.abort();
        await expect(sent).rejects.toMatchObject(failsWith('caller_left'));
        connect();
        const [socket] = await once(server, 'connection');
        await once(socket, 'close');
        expect(calls).toBe(0);
      });

      it('before the headers closes the connection', async () => {
        const { url, socket, gone } = await holding('nothing');
        const left = new AbortController();
        const sent = get(url, { caller: left });
        await socket;
        left.abort();
        await expect(sent).rejects.toMatchObject(failsWith('caller_left'));
        await gone;
      });

      it('in mid-body ends the reading and closes the connection', async () => {
        const { url, gone } = await holding();
        const left = new AbortController();
        const chunks = (await get(url, { caller: left })).chunks()[Symbol.asyncIterator]();
        await chunks.next();
        const next = chunks.next();
        left.abort();
        await expect(next).rejects.toMatchObject(failsWith('caller_left'));
        await gone;
      });

      it('in mid-body ends the collecting of bytes', async () => {
        const { url, gone } = await holding();
        const left = new AbortController();
        const body = (await get(url, { caller: left })).bytes(1_000);
        left.abort();
        await expect(body).rejects.toMatchObject(failsWith('caller_left'));
        await gone;
      });

      it('with a failure of its own gives that failure', async () => {
        const reason = new GatewayError({ code: 'upstream_timeout', phase: 'body' });
        const sent = open({ dial: silentDial }).send(
          request(nowhere, { caller: { signal: AbortSignal.abort(reason) } }),
        );
        await expect(sent).rejects.toBe(reason);
        const { url } = await holding();
        const left = new AbortController();
        const body = (await get(url, { caller: left })).bytes(1_000);
        left.abort(reason);
        await expect(body).rejects.toBe(reason);
      });

      it('is listened to only while the call lasts', async () => {
        const { signal } = new AbortController();
        const listeners = () => getEventListeners(signal, 'abort').length;
        const { url } = await holding();
        const response = await get(url, { caller: { signal } });
        await expect.poll(listeners).toBe(1);
        response.close();
        expect(listeners()).toBe(0);
        await textOf(await get(await serving((_, outgoing) => outgoing.end('ok')), { caller: { signal } }));
        await expect(
          get(await serving((incoming) => void incoming.socket.destroy()), { caller: { signal } }),
        ).rejects.toThrow();
        expect(listeners()).toBe(0);
      });
    });

    describe('a reader', () => {
      it('who leaves the loop closes the connection', async () => {
        const { url, gone } = await holding();
        for await (const _ of (await get(url)).chunks()) break;
        await gone;
      });

      it('who leaves before the first step closes the connection', async () => {
        const { url, gone } = await holding();
        await (await get(url)).chunks()[Symbol.asyncIterator]().return?.();
        await gone;
      });

      it('who never begins closes the connection, twice if it likes', async () => {
        const { url, gone } = await holding();
        const response = await get(url);
        response.close();
        response.close();
        await gone;
      });

      it('who closes while waiting is told', async () => {
        const { url } = await holding();
        const response = await get(url);
        const body = response.bytes(1_000);
        response.close();
        await expect(body).rejects.toMatchObject(failsWith('caller_left'));
      });

      it('who is slow slows the agent, and misses nothing', async () => {
        const total = 64 * 1024 * 1024;
        let written = 0;
        async function write(outgoing: ServerResponse) {
          for (const piece = Buffer.alloc(64 * 1024); written < total; written += piece.length) {
            if (!outgoing.write(piece)) await once(outgoing, 'drain');
          }
          outgoing.end();
        }
        const url = await serving((incoming, outgoing) => {
          if (incoming.url === '/') write(outgoing);
          else outgoing.end();
        });
        const up = open();
        const response = await up.send(request(url));
        // Other calls give the agent every chance to go on, until it has stopped by itself.
        for (let before = -1; before !== written; ) {
          before = written;
          for (let turn = 0; turn < 20; turn++) await textOf(await up.send(request(new URL('/other', url))));
        }
        expect(written).toBeLessThan(total / 2);
        let read = 0;
        for await (const chunk of response.chunks()) read += chunk.length;
        expect(read).toBe(total);
      });
    });

    describe('the end of the upstream', () => {
      it('ends calls in every phase and refuses later ones', async () => {
        const silent = await holding('nothing');
        const streaming = await holding();
        const up = open();
        const waiting = up.send(request(silent.url));
        const body = (await up.send(request(streaming.url))).bytes(1_000);
        await silent.socket;
        const ended = expect(Promise.allSettled([waiting, body])).resolves.toMatchObject([
          { reason: failsWith('shutting_down') },
          { reason: failsWith('shutting_down') },
        ]);
        await up.close();
        await Promise.all([ended, silent.gone, streaming.gone]);
        await expect(up.send(request(silent.url))).rejects.toMatchObject(failsWith('shutting_down'));
      });

      it('ends connections being made', async () => {
        const dialled = new EventEmitter();
        const begun = once(dialled, 'begin');
        const ended = once(dialled, 'end');
        const up = open({
          dial: (_, signal) => {
            signal.addEventListener('abort', () => dialled.emit('end'));
            dialled.emit('begin');
            return silentDial();
          },
        });
        const sent = up.send(request(nowhere));
        const failed = expect(sent).rejects.toMatchObject(failsWith('shutting_down'));
        await begun;
        await up.close();
        await Promise.all([failed, ended]);
      });
    });
  });
}
