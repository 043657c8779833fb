import { describe, expect, it } from 'vitest';
import { failsWith, request, serving, textOf } from '../support/upstream-servers.ts';
import type { UpstreamContractOptions } from './upstream.ts';

/** What every adapter of the Upstream port promises of where a call may go. */
export function upstreamAddressContract(name: string, { open }: UpstreamContractOptions): void {
  describe(`the upstream contract on addresses: ${name}`, () => {
    describe('an address', () => {
      it.each([
        ['of the metadata service', '169.254.169.254', 'address:metadata'],
        ['of a private network', '10.0.0.1', 'address:private'],
        ['of IPv4 inside IPv6', '::ffff:127.0.0.1', 'address:embedded-ipv4'],
      ])('%s is refused where the name leads there, and nothing is dialled', async (_, address, rule) => {
        const dial = () => Promise.reject(new Error('dialled'));
        const resolve = async () => [
          { address: '8.8.8.8', family: 4 },
          { address, family: 4 },
        ];
        const sent = open({ dial, resolve }).send(request(new URL('http://agent.test:8080/')));
        await expect(sent).rejects.toMatchObject(failsWith('upstream_address_refused', { rule }));
      });

      it('in the URL is judged by its text, and so are scheme and port', async () => {
        const up = open({ rules: {} });
        for (const [text, rule] of [
          ['https://169.254.169.254/', 'address:metadata'],
          ['https://127.0.0.1/', 'address:loopback'],
          ['http://agent.test/', 'scheme'],
          ['https://agent.test:22/', 'port'],
        ] as const) {
          const url = new URL(text);
          expect(up.refusal(url)).toBe(rule);
          expect(await up.check(url)).toBe(rule);
          await expect(up.send(request(url))).rejects.toMatchObject(
            failsWith('upstream_address_refused', { rule }),
          );
        }
      });

      it('of a name can be checked without a call, and what is refused there has one word', async () => {
        const dial = () => Promise.reject(new Error('dialled'));
        const resolve = async (name: string) =>
          name === 'nobody.test'
            ? []
            : [{ address: name === 'inside.test' ? '10.0.0.1' : '8.8.8.8', family: 4 }];
        const up = open({ dial, resolve });
        const answers = ['inside', 'nobody', 'outside'].map((name) =>
          up.check(new URL(`http://${name}.test:8080/`)),
        );
        expect(await Promise.all(answers)).toEqual(['address', 'address', undefined]);
      });

      it('is not given by an upstream that closes: nothing was found out', async () => {
        const up = open({ resolve: () => new Promise(() => {}) });
        const checked = up.check(new URL('http://agent.test:8080/'));
        await Promise.all([expect(checked).rejects.toMatchObject(failsWith('shutting_down')), up.close()]);
      });

      it('a redirect names is not called', async () => {
        let calls = 0;
        const other = await serving((_, outgoing) => {
          calls += 1;
          outgoing.end();
        });
        const url = await serving((_, outgoing) =>
          outgoing.writeHead(302, { location: other.href }).end('moved'),
        );
        const response = await open().send(request(url));
        expect([response.status, response.header('location'), await textOf(response)]).toEqual([
          302,
          other.href,
          'moved',
        ]);
        expect(calls).toBe(0);
      });
    });
  });
}
