import fc from 'fast-check';
import type { Golden } from '../support/golden.ts';
import type { Script } from '../support/scripted-agent.ts';
import { mutated } from './mutation.ts';

/** What an agent does with a call. */
export interface Said {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer>;
  /** How it ends: in good order, in the middle, short of the length it said, or as no HTTP at all. */
  ending: 'end' | 'break' | 'short' | 'raw';
}

export function scriptOf({ status, headers, body, ending }: Said): Script {
  return (_request, response) => {
    if (ending === 'raw') return void response.socket?.end(body);
    const length = ending === 'short' ? { 'content-length': String(body.length + 7) } : {};
    response.writeHead(status, { ...headers, ...length });
    response.write(body);
    if (ending === 'break' || ending === 'short') return void response.destroy();
    response.end();
  };
}

const ending = fc.oneof(
  { weight: 12, arbitrary: fc.constant('end' as const) },
  { weight: 1, arbitrary: fc.constantFrom('break' as const, 'short' as const, 'raw' as const) },
);

/** Beside the ones the exchange has. */
const headers = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Record<string, string>>({}) },
  {
    weight: 1,
    arbitrary: fc.record(
      {
        'content-type': fc.constantFrom(
          'text/html',
          'text/event-stream',
          'application/json',
          '',
          'x',
          'text/event-stream;x',
        ),
        'content-encoding': fc.constantFrom('gzip', 'identity', 'x'),
        'www-authenticate': fc.constant('Basic realm="inside"'),
        'set-cookie': fc.constant('a=b'),
        location: fc.constantFrom('http://169.254.169.254/', '/x'),
        'retry-after': fc.constantFrom('1', '-1', 'x', 'Thu, 01 Jan 2099 00:00:00 GMT'),
        server: fc.constant('inside'),
        'a2a-extensions': fc.constantFrom('https://a.example/x', '\u00ff'),
      },
      { requiredKeys: [] },
    ),
  },
);

/** Something like this answer. */
export function saidLike(
  usual: Pick<NonNullable<Golden['agent']>['answers'], 'headers' | 'body'>,
  status: fc.Arbitrary<number>,
): fc.Arbitrary<Said> {
  const said = fc.record({ status, headers, body: mutated([usual.body.join('\n')]), ending });
  return said.map((given) => ({ ...given, headers: { ...usual.headers, ...given.headers } }));
}
