import { describe, expect, it } from 'vitest';
import { createRedact } from './redact.ts';

describe('createRedact', () => {
  const urls = [
    'http://localhost:8000/a2a',
    'https://billing.acme.internal/rpc',
    'https://api.acme.com/a2a',
    'http://bücher.example/',
    'grpc.acme.lan:50051',
  ];
  const redact = createRedact(urls, 'GW');

  it.each([
    ['the URL', 'POST http://localhost:8000/a2a now', 'POST GW now'],
    ['a sentence end', 'See https://api.acme.com/a2a/x?y=1.', 'See GW.'],
    ['a list', 'https://api.acme.com/a,https://api.acme.com/b', 'GW,GW'],
    ['Markdown', '[here](https://API.Acme.Com/a2a)', '[here](GW)'],
    ['another scheme and port', 'wss://api.acme.com:9000/ws', 'GW'],
    ['credentials', 'https://me:pw@api.acme.com/', 'GW'],
    ['host and port', 'api.acme.com:443 or localhost:8000', 'GW or GW'],
    ['host and path', 'api.acme.com/a2a', 'GW'],
    ['an internal host alone', 'runs on Billing.Acme.Internal!', 'runs on GW!'],
    ['a name below an internal host', 'db.billing.acme.internal', 'GW'],
    ['any port of a common word after slashes', 'http://localhost:3000/x', 'GW'],
    [
      'a query',
      'https://login.example/?next=https%3A%2F%2Fapi.acme.com%2Fa2a',
      'https://login.example/?next=GW',
    ],
    ['JSON with escaped slashes', '{"u":"https:\\/\\/api.acme.com\\/a2a"}', '{"u":"GW"}'],
    ['a target without a scheme', 'dial grpc.acme.lan:50051 or dns:///grpc.acme.lan', 'dial GW or dns:///GW'],
    ['emphasis', 'host _billing.acme.internal_', 'host GW_'],
    ['a line break in JSON in JSON', '"a\\nbilling.acme.internal"', '"a\\GW"'],
    ['punycode and Unicode', 'http://xn--bcher-kva.example/ http://bücher.example/', 'GW GW'],
  ])('replaces a mention by %s', (_, text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each([
    'Start it on localhost, then open localhost:3000.',
    'Acme (acme.com) answers at ops@api.acme.com; ask api.acme.com.',
    'https://docs.api.acme.com/ and https://api.acme.com.evil.org/ are other hosts',
    'grpc.acme.language is a language',
    'mylocalhost:8000 and localhost:80001',
    'İ is not changed, nor  are spaces\n',
  ])('leaves alone: %s', (text) => {
    expect(redact(text)).toBe(text);
  });

  it.each([
    ['dots', '.'.repeat(2_000_000)],
    ['a host', 'api.acme.com'.repeat(200_000)],
    ['slashes', '/'.repeat(2_000_000)],
    ['letters', `${'a'.repeat(2_000_000)}api.acme.com/`],
    ['a mention before dots', `api.acme.com/${'.'.repeat(2_000_000)}a`],
    ['common words', 'localhost/'.repeat(200_000)],
  ])('takes time linear in a text of %s', (_, text) => {
    // Time that grew with the square of these lengths would be minutes, and the test is not given as many.
    expect(redact(text).length).toBeGreaterThan(0);
  });
});
